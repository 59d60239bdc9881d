import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeJson } from '../../../src/commands/terminal/escape-json.js';

const RAW = /(?![\t\n\r])[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

describe('JSON with text of a peer', () => {
  it('has no character that could act on a terminal, and says the same', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u007f', '\u009b2J', '\u2028', '\u2029', '\u202e', '\u2069', '\u061c'),
    );
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text)), (value) => {
        const escaped = escapeJson(JSON.stringify(value, null, '\t'));
        expect(escaped).not.toMatch(RAW);
        expect(JSON.parse(escaped)).toEqual(value);
      }),
    );
  });

  it('keeps the white space between its values', () => {
    expect(escapeJson('{\r\n\t"a": "\u009b"\n}')).toBe('{\r\n\t"a": "\\u009b"\n}');
  });
});
