import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText } from '../../../src/commands/terminal/escape-text.js';

describe('text of a peer', () => {
  it('loses every character that could move a cursor, change a colour or break a line', () => {
    expect(escapeText('a\u001b[31mb\r\n\u009b2J\u007f\u2028')).toBe('a\\u001b[31mb\\u000d\\u000a\\u009b2J\\u007f\\u2028');
  });

  it('loses the characters that make a line read in another order than it is written', () => {
    expect(escapeText('\u202egnp.exe\u2066')).toBe('\\u202egnp.exe\\u2066');
  });

  it('loses halves of surrogate pairs, and keeps whole ones', () => {
    expect(escapeText('\ud83d\ude00 \ud83d \ude00')).toBe('\ud83d\ude00 \\ud83d \\ude00');
  });

  it('loses those and no others of all units', () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      const isUnsafe = /[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u.test(character);
      if ((escapeText(character) !== character) !== isUnsafe) throw new Error(`U+${unit.toString(16)}`);
    }
  });

  it('keeps every other writing as it is', () => {
    expect(escapeText('Nouveau message reçu – 新しい 🚀 "quoted" \\')).toBe('Nouveau message reçu – 新しい 🚀 "quoted" \\');
  });

  it('stays the same JSON when it is JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(JSON.parse(escapeText(json))).toEqual(JSON.parse(json));
      }),
    );
  });
});
