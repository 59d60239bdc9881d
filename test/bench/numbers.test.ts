import { describe, expect, it } from 'vitest';
import { bytes, counted, decimal, duration, milliseconds, percent, quantity, rate } from '../../src/bench/numbers.js';

describe('numbers', () => {
  it.each([
    [decimal(0.8734), '0.87'],
    [decimal(9.994), '9.99'],
    [decimal(9.996), '10.0'],
    [decimal(99.96), '100'],
    [decimal(1234.5), '1,235'],
    [milliseconds(null), '–'],
    [milliseconds(0), '0.00'],
    [rate(19_001.2), '19,001/s'],
    [rate(0.25), '0.25/s'],
    [rate(null), '–'],
    [percent(0), '0 %'],
    [percent(0.00001), '< 0.01 %'],
    [percent(0.1234), '12.34 %'],
    [percent(1), '100 %'],
    [duration(999), '999 ms'],
    [duration(6200), '6.2 s'],
    [duration(99_949), '99.9 s'],
    [duration(99_960), '1 min 40 s'],
    [duration(119_999), '2 min'],
    [duration(3_600_000), '60 min'],
    [bytes(999), '999 B'],
    [bytes(9412), '9.4 KB'],
    [bytes(999_950), '1.0 MB'],
    [bytes(25_769_803_776), '25.8 GB'],
    [quantity(null, 'ms'), 'no data'],
    [quantity(2.364, 'ms'), '2.36 ms'],
    [quantity(0.5, '%'), '0.5 %'],
    [quantity(9412, 'B'), '9.4 KB'],
    [quantity(19_001.2, '/s'), '19,001/s'],
    [quantity(950, ''), '950'],
    [counted(1, 'worker'), '1 worker'],
    [counted(1200, 'delivery', 'deliveries'), '1,200 deliveries'],
  ])('writes %s', (written, expected) => {
    expect(written).toBe(expected);
  });
});
