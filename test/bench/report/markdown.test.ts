import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../src/bench/report/markdown.js';
import { codeCell, codeSpan, markdownTable, markdownText } from '../../../src/bench/report/markdown-text.js';
import { ABORTED, FAILED, INVALID, NASTY, PASSED, RECOVERED, REGRESSED } from './fixture.js';

describe('renderMarkdown', () => {
  it('begins with the verdict, its reasons and what was run', () => {
    expect(renderMarkdown(FAILED)).toMatch(/^## ❌ wsn bench: failed\n\n- latency\.p99 is 2\.36 ms, expected \\< 2 ms\n- lost is 950/);
    expect(renderMarkdown(PASSED)).toMatch(/^## ✅ wsn bench: passed\n\n2,000 subscribers · 100 channels/);
  });

  it('has the thresholds with what was measured', () => {
    expect(renderMarkdown(FAILED)).toContain('| ❌ | `lateness.p99.99<1ms` | no data |\n| ❌ | `lost==0` | 950 |\n');
    expect(renderMarkdown(PASSED)).toContain('| ✅ | `latency.p99<50ms` | 2.36 ms |\n');
    expect(renderMarkdown(INVALID)).toContain('| – | `latency.p99<50ms` | 2.36 ms |\n');
  });

  it('has the deliveries, faults in bold, and percentiles with their margins', () => {
    const text = renderMarkdown(FAILED);
    expect(text).toContain('| delivered | 189,050 | 18,906/s |\n| lost | **950** |  |\n');
    expect(text).toContain('| latency | 0.87 ±0.02 | 1.25 | 2.36 ±0.41 | 51.2 | 61.4 |\n');
  });

  it('has what faults did where the load has any, with the times of replays', () => {
    const text = renderMarkdown(RECOVERED);
    expect(text).toContain('| recovered | 17,100 | delivered in replays |\n| unrecovered | **190** | lost, and said so |\n');
    expect(text).toContain('| recovered deliveries |');
    expect(renderMarkdown(PASSED)).not.toContain('recover');
  });

  it('compares with the baseline', () => {
    const text = renderMarkdown(REGRESSED);
    expect(text).toContain('### Compared with the baseline of 2026-11-23T06:30:00.000Z\n');
    expect(text).toContain('| ❌ | `latency.p99>+10%` | 2.36 ms | 3.15 ms | +33.1 % | ±0.58 ms |\n');
    expect(renderMarkdown(PASSED)).not.toContain('baseline');
  });

  it('says which limit of the generator was passed and what to change', () => {
    expect(renderMarkdown(INVALID)).toContain('| event loop delay | 312 ms | 200 ms | leave a core to the generator |\n');
    expect(renderMarkdown(PASSED)).not.toContain('Limits of the generator');
  });

  it('shows no figure where nothing was measured', () => {
    expect(renderMarkdown(ABORTED)).not.toMatch(/NaN|null|undefined|Infinity/);
  });

  it('has tables whose rows all have the same number of cells, whatever a broker or a threshold says', () => {
    const [first] = PASSED.thresholds;
    const thresholds = first === undefined ? [] : [{ ...first, threshold: NASTY }];
    const lines = renderMarkdown({ ...FAILED, because: [NASTY], notes: [NASTY], thresholds }).split('\n');
    for (const [index, line] of lines.entries()) {
      const above = lines[index - 1] ?? '';
      if (line.startsWith('|') && above.startsWith('|')) expect(cells(line), line).toBe(cells(above));
    }
    expect(lines.some((line) => line.includes('\\u001b'))).toBe(true);
  });
});

/** Cells of a row: a bar ends one unless an odd number of backslashes is in front of it. */
function cells(row: string): number {
  return row.replace(/\\[\\|]/g, '').split('|').length;
}

describe('markdownText', () => {
  it.each([
    ['a | b', 'a \\| b'],
    ['<b>&amp;*x*_y_`z`', '\\<b\\>\\&amp;\\*x\\*\\_y\\_\\`z\\`'],
    ['[a](http://b) www.c.de', '\\[a\\](http:\\/\\/b) www\\.c.de'],
    ['one\ntwo\u202e', 'one\\\\u000atwo\\\\u202e'],
    ['C:\\', 'C:\\\\'],
  ])('writes %j as %j', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });
});

describe('codeSpan and codeCell', () => {
  it.each([
    ['lost==0', '`lost==0`', '`lost==0`'],
    ['a `b` ``c``', '``` a `b` ``c`` ```', '``` a `b` ``c`` ```'],
    ['a|b', '`a|b`', 'a\\|b'],
    ['a\nb', '`a\\u000ab`', '`a\\u000ab`'],
    ['', '`  `', '`  `'],
  ])('fence %j', (text, span, cell) => {
    expect(codeSpan(text)).toBe(span);
    expect(codeCell(text)).toBe(cell);
  });
});

describe('markdownTable', () => {
  it('has figures on the right and words on the left', () => {
    const rows = [
      ['a', '12', '`p99`'],
      ['b', '–', '`p50`'],
    ];
    expect(markdownTable({ headings: ['', 'count', 'of'], rows })).toBe(
      '|  | count | of |\n| :-- | --: | :-- |\n| a | 12 | `p99` |\n| b | – | `p50` |',
    );
  });
});
