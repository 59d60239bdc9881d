import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bucket, LONGEST_FILL_MS } from '../../../src/server/limits/bucket.js';

describe('a bucket', () => {
  it.each([
    [1, 10],
    [5, 10],
    [6, 12],
    [100, 200],
    [5000, 10_000],
  ])('of %d a second gives two seconds of it at once, or ten: %d (R-7.6)', (perSecond, burst) => {
    const bucket = new Bucket();
    for (let count = 0; count < burst; count++) expect(bucket.draw({ perSecond, count: 1, now: 0 })).toBe(0);
    expect(bucket.draw({ perSecond, count: 1, now: 0 })).toBeCloseTo(1000 / perSecond);
  });

  it('tells a wait that is true: a moment before it there is nothing, then there is', () => {
    const bucket = new Bucket();
    bucket.take({ perSecond: 10, count: 20, now: 0 });
    const wait = bucket.draw({ perSecond: 10, count: 5, now: 0 });
    expect(bucket.wait({ perSecond: 10, count: 5, now: wait - 1 })).toBe(1);
    expect(bucket.draw({ perSecond: 10, count: 5, now: wait })).toBe(0);
  });

  it('takes nothing when it refuses', () => {
    const bucket = new Bucket();
    bucket.take({ perSecond: 10, count: 20, now: 0 });
    for (let count = 0; count < 100; count++) expect(bucket.draw({ perSecond: 10, count: 1, now: 0 })).toBe(100);
  });

  it('gives more than it holds when it is full, and then nothing until that is paid', () => {
    const bucket = new Bucket();
    expect(bucket.draw({ perSecond: 10, count: 100, now: 0 })).toBe(0);
    expect(bucket.wait({ perSecond: 10, count: 1, now: 0 })).toBe(8100);
    expect(bucket.wait({ perSecond: 10, count: 1, now: 8100 })).toBe(0);
  });

  it('follows a rate that changes', () => {
    const bucket = new Bucket();
    bucket.take({ perSecond: 100, count: 200, now: 0 });
    expect(bucket.wait({ perSecond: 1, count: 1, now: 0 })).toBe(0);
    expect(bucket.wait({ perSecond: 1000, count: 2000, now: 0 })).toBe(2000);
  });

  it('never gives more than its burst and its rate, whoever asks when', () => {
    const asked = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 300 }), count: fc.integer({ min: 1, max: 20 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: 50 }), (draughts, perSecond) => {
        const bucket = new Bucket();
        const burst = Math.max(10, 2 * perSecond);
        let now = 0;
        let given = 0;
        for (const { afterMs, count } of draughts) {
          now += afterMs;
          if (bucket.draw({ perSecond, count, now }) === 0) given += count;
          // One draught above the burst may be owed.
          expect(given).toBeLessThanOrEqual(burst + (perSecond * now) / 1000 + 20);
        }
      }),
    );
  });

  it('is full after the longest fill, whatever its rate', () => {
    for (const perSecond of [1, 2, 3, 10, 1000]) {
      const bucket = new Bucket();
      const burst = Math.max(10, 2 * perSecond);
      bucket.take({ perSecond, count: burst, now: 0 });
      expect(bucket.wait({ perSecond, count: burst, now: LONGEST_FILL_MS })).toBe(0);
    }
  });
});
