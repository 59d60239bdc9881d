import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sideBySide, visibleWidth, wrap } from '../../../src/bench/report/columns.js';
import { table } from '../../../src/bench/report/table.js';

const same = (text: string) => text;

describe('wrap', () => {
  it('breaks between words, and indents all lines but the first', () => {
    expect(wrap('the broker missed the goal', 12, 2)).toEqual(['the broker', '  missed the', '  goal']);
  });

  it('breaks a word that is wider than a line', () => {
    expect(wrap('abcdefgh ij', 5, 1)).toEqual(['abcde', ' fgh', ' ij']);
  });

  it('takes what is not ASCII for two columns wide, and keeps surrogates together', () => {
    expect(wrap('日本語です', 4)).toEqual(['日本', '語で', 'す']);
    expect(wrap('😀😀😀', 3)).toEqual(['😀', '😀', '😀']);
  });

  it('loses nothing but spaces, and keeps to its width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 4, max: 40 }), (text, width) => {
        const lines = wrap(text, width, 2);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('sideBySide', () => {
  it('fills the left block up, colours not counted', () => {
    expect(sideBySide(['\u001b[31mab\u001b[39m', 'c', 'd'], ['x', ''], 4)).toEqual(['\u001b[31mab\u001b[39m  x', 'c', 'd']);
    expect(sideBySide(['a'], ['x', 'y'], 3)).toEqual(['a  x', '   y']);
  });
});

describe('table', () => {
  const columns = [
    { heading: '', cells: ['latency', 'late'], align: 'left' },
    { heading: 'p50', cells: ['\u001b[1m0.87\u001b[22m', '12.3'], align: 'right' },
    { heading: 'p75', cells: ['1', '2'], align: 'right', dispensable: 2 },
    { heading: 'max', cells: ['61.4', '–'], align: 'right', dispensable: 1 },
  ] as const;

  it('aligns words to the left and figures to the right, colours not counted', () => {
    const lines = table(columns, 80, same);
    expect(lines).toEqual(['            p50  p75   max', '  latency  \u001b[1m0.87\u001b[22m    1  61.4', '  late     12.3    2     –']);
    expect(lines.map(visibleWidth)).toEqual([26, 26, 26]);
  });

  it('leaves out the columns that matter least where there is no room, and never those that must be there', () => {
    expect(table(columns, 25, same)[0]).toBe('            p50   max');
    expect(table(columns, 20, same)[0]).toBe('            p50');
    expect(table(columns, 3, same)[0]).toBe('            p50');
  });

  it('has no line of headings where there is none', () => {
    expect(table([{ heading: '', cells: ['a'], align: 'left' }], 80, same)).toEqual(['  a']);
  });
});
