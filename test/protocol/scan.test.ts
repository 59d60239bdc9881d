import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/protocol/index.js';
import { NOTIFICATION_NAMES, TOP_NAMES } from '../../src/protocol/known-names.js';
import { memberOf, type ScannedObject, scan } from '../../src/protocol/scan.js';
import { jsonText, mutated, nested, noise, outcome, RUNS, received, refusal } from './arbitraries.js';

const KNOWN = [...TOP_NAMES, ...NOTIFICATION_NAMES, 'notifications'];

function scanText(text: string): ScannedObject {
  return scan(Buffer.from(text));
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('what the scan accepts', () => {
  test('is all that JSON.parse accepts, whatever the root is (R-2.1)', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const { bytes, text: whole } = received(` ${text}\n`);
        expect(parses(whole)).toBe(true);
        const root = scan(bytes);
        expect(JSON.parse(Buffer.from(bytes.subarray(root.start, root.end)).toString())).toEqual(JSON.parse(whole));
      }),
      { numRuns: RUNS },
    );
  });

  test('is nothing that JSON.parse refuses (R-2.1)', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(jsonText), noise), (damaged) => {
        const { bytes, text } = received(damaged);
        const result = outcome(() => scan(bytes));
        expect(!(result instanceof ProtocolError)).toBe(parses(text));
      }),
      { numRuns: RUNS },
    );
  });

  test.each([
    ['', 'not JSON: expected a value at byte 0'],
    ['{', 'not JSON: expected a name in double quotes at byte 1'],
    ["{'a':1}", 'not JSON: expected a name in double quotes at byte 1'],
    ['{"a" 1}', 'not JSON: expected ":" at byte 5'],
    ['{"a":1,}', 'not JSON: expected a name in double quotes at byte 7'],
    ['{"a":1 "b":2}', 'not JSON: expected "," or "}" at byte 7'],
    ['[1 2]', 'not JSON: expected "," or "]" at byte 3'],
    ['[1,]', 'not JSON: expected a value at byte 3'],
    ['{} {}', 'not JSON: expected the end of the message at byte 3'],
    ['"é', 'not JSON: expected the end of a string at byte 3'],
    ['"\t"', 'not JSON: expected a control character to be escaped at byte 1'],
    ['"\\x"', 'not JSON: expected an escape of JSON at byte 1'],
    ['"\\', 'not JSON: expected an escape of JSON at byte 1'],
    ['"\\u12"', 'not JSON: expected four hexadecimal digits after \\u at byte 1'],
    ['-', 'not JSON: expected a digit at byte 1'],
    ['1.', 'not JSON: expected a digit at byte 2'],
    ['1e+', 'not JSON: expected a digit at byte 3'],
    ['01', 'not JSON: expected the end of the message at byte 1'],
    ['.5', 'not JSON: expected a value at byte 0'],
    ['nul', 'not JSON: expected a value at byte 0'],
    ['NaN', 'not JSON: expected a value at byte 0'],
    ['\ufeff{}', 'not JSON: expected a value at byte 0'],
    ['{"a":1}\u0000', 'not JSON: expected the end of the message at byte 7'],
  ])('is not %j, and the error says where it stops being JSON (R-2.1)', (text, sentence) => {
    const error = refusal(() => scanText(text));
    expect(error.code).toBe('invalid-message');
    expect(error.message).toBe(sentence);
    expect(error.message.endsWith(`at byte ${error.offset}`)).toBe(true);
  });
});

describe('depth', () => {
  test.each(['arrays', 'objects', 'mixed'] as const)('of 64 levels of %s is accepted and of 65 is refused (R-2.5)', (kind) => {
    expect(scan(Buffer.from(nested(64, kind))).levels).toBe(64);
    const error = refusal(() => scanText(nested(65, kind)));
    expect([error.code, error.message]).toEqual(['invalid-message', 'nested deeper than 64 levels']);
  });

  test('is not added to by a scalar (R-2.5)', () => {
    expect(scan(Buffer.from('"2"')).levels).toBe(0);
    expect(scan(Buffer.from('{"a":1}')).levels).toBe(1);
    expect(scan(Buffer.from(`${'['.repeat(64)}1${']'.repeat(64)}`)).levels).toBe(64);
  });

  test('of 100,000 levels is refused without exhausting the stack (R-2.5)', () => {
    for (const kind of ['arrays', 'objects', 'mixed'] as const) {
      expect(refusal(() => scanText(nested(100_000, kind))).message).toBe('nested deeper than 64 levels');
    }
  });

  test('is counted in what is nested, not in what stands beside each other (R-2.5)', () => {
    expect(scan(Buffer.from(`[${'[[]],'.repeat(1000)}[]]`)).levels).toBe(3);
  });
});

/** A spelling of a name: plain, or with one of its characters as an escape. */
const spelled = (name: string) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ name, text: name, isEscaped: false }) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(name.length - 1), fc.boolean()).map(([at, isUpper]) => {
        const digits = name.charCodeAt(at).toString(16).padStart(4, '0');
        return { name, text: `${name.slice(0, at)}\\u${isUpper ? digits.toUpperCase() : digits}${name.slice(at + 1)}`, isEscaped: true };
      }),
    },
  );
const member = fc.tuple(fc.constantFrom(...KNOWN, 'other', 'senders', 'é').chain(spelled), jsonText);

describe('members', () => {
  test('are found with their span, count and spelling, wherever they stand (R-2.7)', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const { bytes, text } = received(`{${members.map(([name, value]) => `"${name.text}": ${value} `).join(',')}}`);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const root = scan(bytes);
        const known = members.map(([name]) => name).filter(({ name }) => KNOWN.includes(name as 'sender'));
        expect(new Set(root.members.map(({ name }) => name))).toEqual(new Set(known.map(({ name }) => name)));
        for (const found of root.members) {
          const same = known.filter(({ name }) => name === found.name);
          expect(found.count).toBe(same.length);
          expect(found.isEscaped).toBe(same.some(({ isEscaped }) => isEscaped));
          expect(JSON.parse(Buffer.from(bytes.subarray(found.start, found.end)).toString())).toEqual(parsed[found.name]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('have spans without the white space around them (R-2.3)', () => {
    const text = '{"sender":"server",\n "notification" : {"data": "é😀" , "x":1.0}\t}';
    const found = memberOf(scanText(text), 'notification');
    const bytes = Buffer.from(text).subarray(found?.start, found?.end);
    expect(bytes.toString()).toBe('{"data": "é😀" , "x":1.0}');
  });

  test.each(KNOWN)('called %s are counted at the top and in a notification (R-2.7)', (name) => {
    expect(memberOf(scanText(`{"${name}":1,"x":2,"x":3,"${name}":4}`), name)?.count).toBe(2);
    const inner = memberOf(scanText(`{"notification":{"${name}":1,"${name}":4}}`), 'notification')?.inner[0];
    expect(inner && memberOf(inner, name)?.count).toBe(2);
    const listed = memberOf(scanText(`{"notifications":[{},{"${name}":1,"${name}":4}]}`), 'notifications')?.inner[1];
    expect(listed && memberOf(listed, name)?.count).toBe(2);
  });

  test('of a value that stands twice are those of the last, as with JSON.parse (R-2.7)', () => {
    const twice = memberOf(scanText('{"notification":{"page":1},"notification":{"package":1}}'), 'notification');
    expect(twice?.inner.map(({ members }) => members.map(({ name }) => name))).toEqual([['package']]);
  });

  test('that stand deeper are not looked at (R-2.7)', () => {
    const text = '{"x":{"sender":1,"sender":2},"notification":{"data":{"package":1,"package":2},"notification":{"page":1,"page":1}}}';
    const root = scanText(text);
    expect(root.members.map(({ name }) => name)).toEqual(['notification']);
    const inner = root.members[0]?.inner[0];
    expect(inner?.members.map(({ name, count, inner: below }) => [name, count, below.length])).toEqual([
      ['data', 1, 0],
      ['notification', 1, 0],
    ]);
  });

  test.each(['\\u0053ender', 'SENDER', 'sende', 'sender ', 'sen\\nder', 'sén', '\\ud800', `${'\\u0073'.repeat(40)}`])(
    'are not confused with "%s"',
    (name) => {
      expect(scanText(`{"${name}":1}`).members).toEqual([]);
    },
  );

  test('of a root that is no object are none', () => {
    expect(scanText('[{"sender":1}]').members).toEqual([]);
    expect(scanText('"sender"').members).toEqual([]);
  });
});
