import { escapeText } from './escape-text.js';
import { EXIT } from './exit-codes.js';
import { CommandFailure } from './usage-error.js';

/** What a process ends with that met a bug of ours. */
const BUG = 1;

/**
 * Makes an action for commander out of one that returns an exit code.
 * A `CommandFailure` becomes one line `wsn: message` on stderr and its exit code; anything else that is thrown is a
 * bug, told in one line too, with the stack when `WSN_DEBUG` is set.
 */
export function runAction<A extends unknown[]>(action: (...args: A) => Promise<number> | number): (...args: A) => Promise<void> {
  return async (...args) => {
    endQuietlyOnClosedPipe();
    try {
      process.exitCode = await action(...args);
    } catch (error) {
      process.exitCode = reportFailure(error);
    }
  };
}

/** Tells on stderr why a command failed; returns the exit code that goes with it. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommandFailure) {
    process.stderr.write(`wsn: ${escapeText(error.message)}\n`);
    if (process.env.WSN_DEBUG && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
    return error.exitCode;
  }
  const isDebug = Boolean(process.env.WSN_DEBUG);
  const hint = isDebug ? '' : ' (WSN_DEBUG=1 shows where)';
  process.stderr.write(`wsn: unexpected error: ${escapeText(String(error))}${hint}\n`);
  if (isDebug && error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  return BUG;
}

/** `wsn subscribe | head -1`: when nobody reads stdout any more there is nothing left to do. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
