import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../bench-error.js';
import { openPersistentLine, type PersistentLine } from './persistent-line.js';
import type { PublisherContext } from './publisher.js';

/** A line that is not opened is tried again after so long … */
const RETRY_MS = 50;
/** … and given up so long after the broker is said to listen again. */
const GIVE_UP_AFTER_MS = 10_000;

/**
 * Opens lines again, in their places, that were closed because the run restarts the broker. It ends with the publisher's signal.
 * @returns what tells whether any line is to come back.
 */
export function keepOpen(lines: PersistentLine[], context: PublisherContext): { readonly isAnyComing: boolean } {
  let coming = 0;
  const keep = async (place: number) => {
    for (let line = lines[place]; line !== undefined; ) {
      await line.closed;
      if (!line.isRestarted || context.signal.aborted) return;
      coming++;
      line = await reopened(context, place);
      if (line) lines[place] = line;
      coming--;
    }
  };
  for (const place of lines.keys()) void keep(place);
  return {
    get isAnyComing() {
      return coming > 0;
    },
  };
}

async function reopened(context: PublisherContext, place: number): Promise<PersistentLine | undefined> {
  let downAt = performance.now();
  while (!context.signal.aborted) {
    if (context.restarts?.isDown) downAt = performance.now();
    else {
      const line = await opened(context, place);
      if (line || performance.now() - downAt > GIVE_UP_AFTER_MS) return line;
    }
    await sleep(RETRY_MS);
  }
  return undefined;
}

async function opened(context: PublisherContext, place: number): Promise<PersistentLine | undefined> {
  try {
    return await openPersistentLine(context, place);
  } catch (error) {
    if (error instanceof BenchError || context.signal.aborted) return undefined;
    throw error;
  }
}
