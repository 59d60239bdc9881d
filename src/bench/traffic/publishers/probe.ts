import { BenchError } from '../../bench-error.js';

const TIMEOUT_MS = 5000;

/**
 * Awaits what became of the probe.
 * @param answer resolves to nothing when the broker took it, else to why it did not.
 * @throws BenchError `refused` when it did not, or said nothing for 5 s; the signal's reason when aborted.
 */
export async function awaitProbe(answer: Promise<string | undefined>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer came within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
  });
  try {
    const refusal = await Promise.race([answer, silence]);
    signal.throwIfAborted();
    if (refusal !== undefined) throw new BenchError('refused', `the broker does not take notifications from here: ${refusal}`);
  } finally {
    clearTimeout(timer);
  }
}
