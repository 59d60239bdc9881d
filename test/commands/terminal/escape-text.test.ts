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
