import { afterEach, describe, expect, it, vi } from 'vitest';
import { msSince, now } from '../../src/client/moment.js';

const MINUTE = 60_000;

/** Sets both clocks on, or back; undefined where the platform has no steady one. */
function move(wallMs: number, steadyMs: number | undefined): void {
  const wall = Date.now();
  const steady = performance.now();
  vi.spyOn(Date, 'now').mockReturnValue(wall + wallMs);
  if (steadyMs === undefined) vi.stubGlobal('performance', undefined);
  else vi.spyOn(performance, 'now').mockReturnValue(steady + steadyMs);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('how long ago a moment was', () => {
  it.each([
    ['is what both clocks say', 2 * MINUTE, 2 * MINUTE, 2 * MINUTE],
    ['is what the steady clock says when the wall clock was put back', -60 * MINUTE, 2 * MINUTE, 2 * MINUTE],
    ['is what the wall clock says when the machine has slept', 2 * MINUTE, 5, 2 * MINUTE],
    ['is what the wall clock says where there is no other', 2 * MINUTE, undefined, 2 * MINUTE],
    ['is forever where there is no other and it was put back', -MINUTE, undefined, Number.POSITIVE_INFINITY],
  ])('%s', (_, wallMs, steadyMs, elapsedMs) => {
    const moment = now();
    move(wallMs, steadyMs);
    const found = msSince(moment);
    if (elapsedMs === Number.POSITIVE_INFINITY) expect(found).toBe(elapsedMs);
    else expect(found).toBeGreaterThanOrEqual(elapsedMs);
  });
});
