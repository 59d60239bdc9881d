import { setMaxListeners } from 'node:events';
import { BenchError } from '../../bench-error.js';
import type { Load } from '../../load/load.js';
import { openEphemeral } from './ephemeral.js';
import { openPersistent } from './persistent.js';
import type { Publisher, PublisherContext } from './publisher.js';

/**
 * Opens the kind of publisher that is wanted; `auto` is a persistent one where the broker speaks `wsn.v1` and the load
 * does not insist on the base protocol. Before any load it publishes the probe and awaits its answer.
 * @param probe text of a notification that nobody subscribes to: it shows whether this process may publish.
 * @throws BenchError `unreachable` when the broker is not reached; `refused` when it takes nothing from here, or cannot
 * do what is wanted; the signal's reason when aborted.
 */
export async function openPublisher(kind: Load['publishers']['kind'], context: PublisherContext, probe: string): Promise<Publisher> {
  setMaxListeners(0, context.signal); // each connection listens to it
  if (kind === 'http') {
    const { openHttp } = await import('./http.js');
    return openHttp(context, probe);
  }
  if (kind === 'ephemeral' || (kind === 'auto' && context.protocol === 'base')) return openEphemeral(context, probe);
  const persistent = await openPersistent(context, probe);
  if (persistent) return persistent;
  if (kind === 'auto' && context.protocol === 'auto') return openEphemeral(context, probe);
  throw new BenchError(
    'refused',
    'the broker did not select wsn.v1, which persistent publishers need; ephemeral ones work with any broker (--publishers ephemeral)',
  );
}
