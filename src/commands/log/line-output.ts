import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { UsageError } from '../exit/usage-error.js';
import { onClosedStdout } from '../terminal/closed-pipe.js';

/** Where lines go: no faster than they are taken. */
export interface LineOutput {
  line(text: string): void;
  /** Resolves when more may be written. */
  pause(): Promise<void>;
  /** Aborted when nobody takes any more. */
  readonly signal: AbortSignal;
  /** Resolves when all is written. @throws UsageError when the file cannot be written. */
  end(): Promise<void>;
}

export function stdoutLines(): LineOutput {
  const closed = new AbortController();
  onClosedStdout(() => closed.abort());
  return linesTo(process.stdout, closed.signal, async () => {});
}

/** @param path of a file, which is written over; one that is made is for its owner alone, as the log is. */
export function fileLines(path: string): LineOutput {
  const stream = createWriteStream(path, { mode: 0o600 });
  const failed = new AbortController();
  const ended = finished(stream).catch((error: Error) => {
    failed.abort();
    throw new UsageError(`cannot write --out ${path}: ${error.message}`);
  });
  // Told by `end`.
  ended.catch(() => {});
  return linesTo(stream, failed.signal, async () => {
    stream.end();
    await ended;
  });
}

function linesTo(stream: Writable, signal: AbortSignal, end: () => Promise<void>): LineOutput {
  return {
    line: (text) => void stream.write(`${text}\n`),
    async pause() {
      if (stream.writableNeedDrain && !signal.aborted) await once(stream, 'drain', { signal }).catch(() => {});
    },
    signal,
    end,
  };
}
