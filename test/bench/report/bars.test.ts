import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, progressBar } from '../../../src/bench/report/bars.js';
import { sparkline } from '../../../src/bench/report/sparkline.js';

describe('bar', () => {
  it.each([
    [0, ''],
    [0.0001, '▏'],
    [1 / 16, '▌'],
    [0.5, '████'],
    [0.55, '████▍'],
    [1, '████████'],
    [2, '████████'],
  ])('is exact to an eighth of a character: %d', (share, expected) => {
    expect(bar(share, 8)).toBe(expected);
  });
});

describe('progressBar', () => {
  it('is always as wide as it should be', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.nat(60), (share, width) => {
        const { done, left } = progressBar(share, width);
        return done.length + left.length === width;
      }),
    );
  });
});

describe('sparkline', () => {
  it.each([
    [[], ''],
    [[0, 0], '▁▁'],
    [[0, 1, 7], '▁▂█'],
    [[9, 7, 3, 5], '█▄▆'],
  ])('shows the last three of %j', (values, expected) => {
    expect(sparkline(values, 3)).toBe(expected);
  });

  it('is as wide as there are values and room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 60 }),
        fc.integer({ min: -5, max: 70 }),
        (values, width) => {
          return sparkline(values, width).length === Math.min(values.length, Math.max(0, width));
        },
      ),
    );
  });
});
