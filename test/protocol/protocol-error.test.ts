import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeCodeOf, closeReasonOf, type ErrorCode, ProtocolError } from '../../src/protocol/index.js';
import { RUNS } from './arbitraries.js';

const CODES: readonly (readonly [ErrorCode, number, boolean])[] = [
  ['invalid-message', 4400, false],
  ['invalid-subscription', 4400, false],
  ['invalid-notification', 4400, false],
  ['invalid-resume', 4400, false],
  ['invalid-key', 4400, false],
  ['key-reused', 4400, false],
  ['forbidden', 4403, false],
  ['unauthenticated', 4401, false],
  ['too-many', 4429, false],
  ['unavailable', 1013, true],
  ['unsupported', 4400, false],
  ['internal', 1011, true],
];

describe('an error code', () => {
  test.each(CODES)('%s closes a base peer with %i; retry is %s', (code, closeCode, retry) => {
    const error = new ProtocolError(code, 'a sentence');
    expect(closeCodeOf(error)).toBe(closeCode);
    expect(error.retry).toBe(retry);
  });
});

describe('the reason of a close', () => {
  test('starts with the pointer of the member at fault (R-4.3)', () => {
    const error = new ProtocolError('invalid-subscription', 'expected a non-empty string, found nothing', {
      path: '/subscriptions/0/page',
    });
    expect(closeReasonOf(error)).toBe('/subscriptions/0/page: expected a non-empty string, found nothing');
  });

  test('is the sentence alone when the whole message is at fault (R-4.3)', () => {
    expect(closeReasonOf(new ProtocolError('invalid-message', 'not JSON'))).toBe('not JSON');
  });

  test('is cut at 123 bytes on a character boundary, and the whole stays for logs (R-4.3)', () => {
    const sentence = `${'x'.repeat(119)}€€`;
    const error = new ProtocolError('invalid-message', sentence);
    expect(closeReasonOf(error)).toBe(`${'x'.repeat(119)}€`);
    expect(error.described).toBe(sentence);
    expect(closeReasonOf(new ProtocolError('invalid-message', `${'x'.repeat(121)}€`))).toBe('x'.repeat(121));
    expect(closeReasonOf(new ProtocolError('invalid-message', 'x'.repeat(123)))).toBe('x'.repeat(123));
  });

  test('fits into a close frame whatever the sentence is, and is valid UTF-8 (R-4.3)', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 80 });
    fc.assert(
      fc.property(text, text, (path, sentence) => {
        const closeReason = closeReasonOf(new ProtocolError('invalid-message', sentence, { path }));
        const bytes = Buffer.from(closeReason);
        expect(bytes.length).toBeLessThanOrEqual(123);
        expect(bytes.toString('utf8')).toBe(closeReason);
      }),
      { numRuns: RUNS },
    );
  });
});
