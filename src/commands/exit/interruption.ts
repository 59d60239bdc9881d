import { endedBy } from './exit-codes.js';

/** What SIGINT, SIGTERM and SIGHUP do while a run is under way whose results are wanted all the same. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** That of the first signal; `undefined` while there was none. */
  readonly exitCode: number | undefined;
}

/** The first signal aborts, so that what there is by then is reported; the second one ends the process at once. */
export function interruptible(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (name: NodeJS.Signals) => {
    if (exitCode !== undefined) process.exit(endedBy(name));
    exitCode = endedBy(name);
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const name of names) process.off(name, stop);
    },
  };
}
