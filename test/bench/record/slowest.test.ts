import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Slowest } from '../../../src/bench/record/slowest.js';

it('the five slowest are kept, slowest first, when only those above the bound are offered', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), (times) => {
      const slowest = new Slowest();
      times.forEach((us, index) => {
        if (us > slowest.bound) slowest.add({ us, index, subscriber: 0 });
      });
      const expected = times
        .filter((us) => us > 0)
        .toSorted((a, b) => b - a)
        .slice(0, 5);
      expect(slowest.all.map(({ us }) => us)).toEqual(expected);
    }),
  );
});
