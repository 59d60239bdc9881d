import { EXIT } from '../exit/exit-codes.js';
import { reportFailure } from '../exit/report-failure.js';
import { CommandFailure } from '../exit/usage-error.js';

const callbacks: (() => void)[] = [];
let isWatching = false;
let isClosed = false;

/**
 * Calls `callback` once when nobody reads stdout any more, as after `wsn … | head -1`; at once when that is known already.
 * It is only found out by writing. Without a callback a command goes on to its end and its own exit code, and what it
 * writes is lost: a command that has nothing left to do then ends itself in its callback.
 */
export function onClosedStdout(callback: () => void): void {
  watchPipes();
  if (isClosed) callback();
  else callbacks.push(callback);
}

/** Has a closed stdout or stderr not end the process. Any other failure to write does, in one line. */
export function watchPipes(): void {
  if (isWatching) return;
  isWatching = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.exit(reportFailure(new CommandFailure(`cannot write to stdout: ${error.message}`, EXIT.unexpected)));
    }
    isClosed = true;
    for (const callback of callbacks.splice(0)) callback();
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
