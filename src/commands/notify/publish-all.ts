import type { Receipt } from '../../protocol/index.js';
import { CommandFailure } from '../exit/usage-error.js';
import { Interruption } from './notify-interruption.js';
import type { Outgoing } from './outgoing.js';
import type { Publisher } from './publisher.js';

/**
 * Publishes all in their order, as many at a time as the transport bears, and stops at the first failure.
 * @param onPublished called in order; it may throw a failure of its own.
 * @throws CommandFailure that says which one failed, when there are several; an `Interruption` says how many were published.
 */
export async function publishAll(
  outgoing: readonly Outgoing[],
  publisher: Publisher,
  onPublished: (receipt: Receipt | undefined, index: number) => void,
): Promise<void> {
  const underWay: Promise<Receipt | undefined>[] = [];
  let sent = 0;
  for (let done = 0; done < outgoing.length; done++) {
    while (sent < outgoing.length && underWay.length < publisher.window) {
      const publication = publisher.publish(outgoing[sent++] as Outgoing);
      publication.catch(() => {}); // looked at when its turn comes, if it comes
      underWay.push(publication);
    }
    try {
      onPublished(await underWay.shift(), done);
    } catch (error) {
      if (error instanceof Interruption) {
        const first = nameOf(outgoing, done);
        throw error.after({ done, sent: publisher.hasSent() ? sent : done, all: outgoing.length, first });
      }
      throw outgoing.length === 1 ? error : located(error, nameOf(outgoing, done), { before: done, after: sent - done - 1 });
    }
  }
}

/** How a notification among others is called: `notification 3 of 10 (n.ndjson:3)`. */
export function nameOf(outgoing: readonly Outgoing[], index: number): string {
  const origin = outgoing[index]?.origin;
  return `notification ${index + 1} of ${outgoing.length}${origin === undefined ? '' : ` (${origin})`}`;
}

/** Adds which one failed, and what became of the others. */
function located(error: unknown, name: string, { before, after }: { readonly before: number; readonly after: number }): unknown {
  if (!(error instanceof CommandFailure)) return error;
  const others = [before > 0 ? `${before} before it` : '', after > 0 ? `up to ${after} behind it` : ''].filter((part) => part !== '');
  return new CommandFailure(`${name}: ${error.message}; published: ${others.join(', ') || 'none of the others'}`, error.exitCode);
}
