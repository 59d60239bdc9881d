import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantRate } from '../../src/bench/pacer.js';

describe('a constant rate', () => {
  it('plans each notification from the start, so that nothing drifts', () => {
    const pacer = constantRate(3, 4);
    expect([0, 1, 2, 3].map((index) => pacer.plannedAt(index))).toEqual([0, 1000 / 3, 2000 / 3, 1000]);
    expect(constantRate(30_000, 1e7).plannedAt(9_000_000)).toBe(300_000);
  });

  it.each([
    [-1, 0],
    [0, 1],
    [0.9, 1],
    [1, 2],
    [2.5, 3],
    [1e9, 5],
  ])('has at %d ms a thousand a second made %i of five due', (elapsedMs, due) => {
    expect(constantRate(1000, 5).dueBy(elapsedMs)).toBe(due);
  });

  it('has due exactly what is planned at or before the moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1e6, noNaN: true }), (rate, elapsedMs) => {
        const pacer = constantRate(rate, Number.MAX_SAFE_INTEGER);
        const due = pacer.dueBy(elapsedMs);
        expect(pacer.plannedAt(due - 1)).toBeLessThanOrEqual(elapsedMs);
        expect(pacer.plannedAt(due)).toBeGreaterThan(elapsedMs);
      }),
    );
  });

  it('has a notification due at its own planned moment, however it rounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(10_000_000), (rate, index) => {
        const pacer = constantRate(rate, Number.MAX_SAFE_INTEGER);
        expect(pacer.dueBy(pacer.plannedAt(index))).toBe(index + 1);
      }),
    );
  });
});
