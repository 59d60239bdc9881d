import { reportFailure } from './report-failure.js';

/**
 * Makes an action for commander out of one that returns an exit code.
 * A `CommandFailure` becomes one line `wsn: message` on stderr and its exit code; anything else that is thrown is a
 * bug, told in one line too, with the stack when `WSN_DEBUG` is set.
 */
export function runAction<A extends unknown[]>(action: (...args: A) => Promise<number> | number): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await action(...args);
    } catch (error) {
      process.exitCode = reportFailure(error);
    }
  };
}
