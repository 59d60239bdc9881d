import { escapeText } from '../terminal/escape-text.js';
import { EXIT } from './exit-codes.js';
import { CommandFailure } from './usage-error.js';

/**
 * Tells on stderr in one line why a command failed, with the stack when `WSN_DEBUG` is set.
 * @returns the exit code that goes with it; `EXIT.unexpected` for all that is no `CommandFailure`.
 */
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
  return EXIT.unexpected;
}
