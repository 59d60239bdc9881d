import { SUBPROTOCOL } from '../../../protocol/index.js';
import { PUBLISHER_CONNECTIONS } from '../../load/load.js';
import { keepOpen } from './keep-open.js';
import { openPersistentLine, type PersistentLine } from './persistent-line.js';
import { awaitProbe } from './probe.js';
import type { Publisher, PublisherContext } from './publisher.js';

/**
 * Connections that speak `wsn.v1` and stay open. All notifications of a channel go the same one, in their order.
 * @returns `undefined` when the broker speaks the base protocol only, which closes a publisher after each notification.
 * @throws BenchError when the broker is not reached, or refuses the probe; the signal's reason when aborted.
 */
export async function openPersistent(context: PublisherContext, probe: string): Promise<Publisher | undefined> {
  const first = await openPersistentLine(context, 0);
  if (!first) return undefined;
  const lines: PersistentLine[] = [first];
  const dispose = async () => void (await Promise.all(lines.map((line) => line[Symbol.asyncDispose]())));
  try {
    await awaitProbe(first.probe(probe), context.signal);
    const others = Array.from({ length: (context.connections ?? PUBLISHER_CONNECTIONS.persistent) - 1 }, async (_, other) => {
      const line = await openPersistentLine(context, other + 1);
      if (line) lines.push(line);
    });
    await settled(others);
  } catch (error) {
    await dispose();
    throw error;
  }
  const keeping = context.restarts ? keepOpen(lines, context) : undefined;
  const lineOf = (index: number) => lines[context.channelOf(index) % lines.length] as PersistentLine;
  return {
    kind: 'persistent',
    subprotocol: SUBPROTOCOL,
    get unanswered() {
      return lines.reduce((sum, line) => sum + line.unanswered, 0);
    },
    get isGone() {
      return keeping?.isAnyComing !== true && lines.every((line) => line.isClosed);
    },
    publish: (index) => lineOf(index).publish(index),
    stop() {},
    httpOutcome: () => null,
    forgetHttpOutcome() {},
    [Symbol.asyncDispose]: dispose,
  };
}

/** Waits for all, so that none is left behind when one fails. @throws the first failure. */
async function settled(promises: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) if (outcome.status === 'rejected') throw outcome.reason;
}
