import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingLine } from '../../../../src/bench/traffic/publishers/waiting-line.js';

describe('a waiting line', () => {
  it('lets out in the order of coming, however long it gets', () => {
    const steps = fc.array(fc.oneof(fc.nat({ max: 3000 }), fc.integer({ min: -3000, max: -1 })), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (steps) => {
        const line = new WaitingLine();
        let [next, expected] = [0, 0];
        for (const step of steps) {
          for (let i = 0; i < step; i++) line.push(next++);
          for (let i = 0; i < -step; i++) expect(line.shift()).toBe(expected < next ? expected++ : undefined);
          expect(line.length).toBe(next - expected);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is empty when it was cleared', () => {
    const line = new WaitingLine();
    line.push(1);
    line.clear();
    expect([line.length, line.shift()]).toEqual([0, undefined]);
  });
});
