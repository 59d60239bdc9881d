import { describe, expect, it } from 'vitest';
import { integerBetween } from '../../../src/commands/options/integer.js';

describe('a whole number', () => {
  it('is accepted at both bounds', () => {
    expect(['0', '65535'].map(integerBetween(0, 65_535))).toEqual([0, 65_535]);
  });

  it.each(['', 'x', '1.5', '-1', '65536', '1e3', '0x10', 'Infinity'])('%j is refused with the bounds', (text) => {
    expect(() => integerBetween(0, 65_535)(text)).toThrow('Expected a whole number from 0 to 65535.');
  });

  it('without an upper bound names only the lower one', () => {
    expect(() => integerBetween(1)('0')).toThrow('Expected a whole number from 1.');
  });
});
