import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { durationFrom, formatDuration, parseDuration } from '../../../src/commands/options/duration.js';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    [' 10s ', 10_000],
    ['0', 0],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(durationFrom()(text)).toBe(ms);
  });

  it.each(['', '10', 's', '-1s', '10 s', '1d', '1s2', '25000h', 'NaNs', '1e3s'])(
    '%j is refused with an example of what is expected',
    (text) => {
      expect(() => durationFrom()(text)).toThrow(InvalidArgumentError);
      expect(() => durationFrom()(text)).toThrow('such as 500ms, 10s or 2m');
    },
  );

  it('whose bounds another one knows is read without any, and refused without naming any', () => {
    expect(['0', '700h'].map(parseDuration)).toEqual([0, 2_520_000_000]);
    for (const text of ['5', '-1s', '']) expect(() => parseDuration(text)).toThrow('Expected a duration, such as 500ms, 10s or 2m.');
  });

  it('below the least that is allowed is refused, and the error names that', () => {
    expect(() => durationFrom(1000)('999ms')).toThrow('Expected a duration from 1s to 596h, such as 10s or 2m.');
  });

  it.each([0, 1, 999, 1000, 1500, 25_000, 60_000, 90_000, 3_600_000])('%d ms is read back from how it is shown', (ms) => {
    expect(durationFrom()(formatDuration(ms))).toBe(ms);
  });

  it('is shown in the largest unit that is exact', () => {
    expect([25_000, 300_000, 1500, 7_200_000].map(formatDuration)).toEqual(['25s', '5m', '1500ms', '2h']);
  });
});
