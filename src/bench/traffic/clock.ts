import { performance } from 'node:perf_hooks';

const TRIES = 10;

/** Each thread's `performance.now()` counts from its own start; this is what is between that and the machine's clock. */
const startOfThread = readStart();

/** Now, in ms of the monotonic clock that all threads of the machine share (`process.hrtime`). */
export function monotonicMs(): number {
  return startOfThread + performance.now();
}

/** A thread that is put aside between two readings of its clocks would be wrong ever after: of several tries the quickest counts. */
function readStart(): number {
  let start = 0;
  let quickest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES; tries++) {
    const before = performance.now();
    const machine = hrtimeMs();
    const took = performance.now() - before;
    if (took >= quickest) continue;
    quickest = took;
    start = machine - before - took / 2;
  }
  return start;
}

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
