import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { watchThread } from '../../../src/bench/health/thread-watch.js';

const BLOCK_MS = 300;

describe('watchThread', () => {
  test('sees a block of 300 ms that has just ended, though the loop has not come round', async () => {
    using watch = watchThread();
    await sleep(20);
    watch.sample();
    block(BLOCK_MS);
    expect(watch.sample().loopDelayMs).toBeGreaterThanOrEqual(290);
  });

  test('sees a block of 300 ms that ended some turns ago', async () => {
    using watch = watchThread();
    await sleep(20);
    watch.sample();
    block(BLOCK_MS);
    await sleep(20);
    expect(watch.sample().loopDelayMs).toBeGreaterThanOrEqual(290);
  });

  test('sees a block whole when a look at it came in its middle', async () => {
    using watch = watchThread();
    await sleep(20);
    watch.sample();
    block(BLOCK_MS / 2);
    const half = watch.sample();
    block(BLOCK_MS / 2);
    await sleep(20);
    expect(half.loopDelayMs).toBeGreaterThanOrEqual(140);
    expect(watch.sample().loopDelayMs).toBeGreaterThanOrEqual(290);
  });

  test('forgets a block when it has been told and the loop has come round', async () => {
    using watch = watchThread();
    block(BLOCK_MS);
    await sleep(20);
    expect(watch.sample().loopDelayMs).toBeGreaterThanOrEqual(290);
    // The machine may hold this up, too: in the end there is a look that no block has come before.
    do await sleep(20);
    while (watch.sample().loopDelayMs >= 290);
  });

  test('calls a thread busy that computes all the time, and not one that waits', async () => {
    using watch = watchThread();
    await sleep(50);
    watch.sample();
    block(50);
    expect(watch.sample().busyShare).toBeCloseTo(1, 5);
    await sleep(50);
    expect(watch.sample().busyShare).toBeLessThan(1);
  });

  test('tells how long collecting garbage took', async () => {
    using watch = watchThread();
    await nextTurn();
    watch.sample();
    const begun = performance.now();
    collectGarbage();
    let { gcLongestMs } = watch.sample();
    // The collector tells of its work in a later turn.
    while (gcLongestMs === 0) {
      await nextTurn();
      gcLongestMs = watch.sample().gcLongestMs;
    }
    expect(gcLongestMs).toBeLessThanOrEqual(performance.now() - begun);
  });

  test('adds up the time between looks', async () => {
    const begun = performance.now();
    using watch = watchThread();
    let sum = 0;
    for (let look = 0; look < 5; look++) {
      block(2);
      sum += watch.sample().spanMs;
    }
    expect(sum).toBeGreaterThanOrEqual(10);
    expect(sum).toBeLessThanOrEqual(performance.now() - begun);
  });

  test('keeps no process alive', () => {
    const before = timers();
    using _watch = watchThread();
    expect(timers()).toBe(before);
  });
});

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** Timers that keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}
