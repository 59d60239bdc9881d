import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutToUtf8, utf8Length } from '../../src/protocol/index.js';
import { RUNS } from './arbitraries.js';

/** Characters of one to four bytes, and halves of surrogate pairs. */
const text = fc.string({ unit: fc.constantFrom('a', '\u007f', '\u0080', 'é', '€', '\uffff', '😀', '\ud800', '\udfff'), maxLength: 40 });

test('the length of a text is what its bytes are, lone surrogates counting three (R-2.4)', () => {
  expect(utf8Length('\ud800')).toBe(3);
  fc.assert(
    fc.property(text, (value) => {
      expect(utf8Length(value)).toBe(Buffer.byteLength(value, 'utf8'));
    }),
    { numRuns: RUNS },
  );
});

test('a cut text is the longest start that fits and breaks no character (R-4.3)', () => {
  fc.assert(
    fc.property(text, fc.nat(60), (value, maxBytes) => {
      const cut = cutToUtf8(value, maxBytes);
      expect(value.startsWith(cut)).toBe(true);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
      const [next] = value.slice(cut.length);
      const isSplit = /[\ud800-\udbff]$/.test(cut) && next !== undefined && /^[\udc00-\udfff]/.test(next);
      expect(isSplit).toBe(false);
      if (next !== undefined) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(maxBytes);
    }),
    { numRuns: RUNS },
  );
});
