import { performance } from 'node:perf_hooks';

/** Each thread's `performance.now()` counts from its own start; this is what is between that and the machine's clock. */
const startOfThread = hrtimeMs() - performance.now();

/** Now, in ms of the monotonic clock that all threads of the machine share (`process.hrtime`). */
export function monotonicMs(): number {
  return startOfThread + performance.now();
}

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
