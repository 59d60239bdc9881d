import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { progressBar } from '../../src/bench/index.js';

const PROGRESS = { phase: 'draining', connected: 100, sent: 50, planned: 100, delivered: 5000, outstanding: 7 } as const;
const BAR = '━━━━━━──────';

describe('the progress of a run', () => {
  it.each([
    [80, `${BAR}  awaiting the last: sent 50 of 100, delivered 5,000, under way 7`],
    [77, `${BAR}  awaiting the last: sent 50 of 100, delivered 5,000`],
    [60, `${BAR}  awaiting the last: sent 50 of 100`],
    [45, 'awaiting the last: sent 50 of 100'],
    [30, 'awaiting the last'],
    [20, 'awaiting the last'],
  ])('leaves out whole pieces on a terminal of %i columns', (columns, expected) => {
    expect(progressBar(PROGRESS, 100, { pen: new Chalk({ level: 0 }), columns })).toBe(expected);
  });

  it('fits 80 columns without a loss at the default load', () => {
    const progress = { phase: 'measuring', connected: 100, sent: 1100, planned: 1100, delivered: 11_000, outstanding: 10 } as const;
    const line = progressBar(progress, 100, { pen: new Chalk({ level: 0 }), columns: 80 });
    expect(line).toContain('under way 10');
    expect(line.length).toBeLessThan(80);
  });
});
