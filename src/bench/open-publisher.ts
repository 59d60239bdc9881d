import { BenchError } from './bench-error.js';
import type { BenchOptions } from './options.js';
import type { Publisher, PublisherOptions } from './publisher.js';
import { openEphemeral } from './publisher-ephemeral.js';
import { openPersistent } from './publisher-persistent.js';

/**
 * Opens the kind of publisher that is wanted; `auto` is a persistent one where the broker speaks `wsn.v1`.
 * @throws BenchError when the broker is not reached, takes nothing from here, or cannot do what is wanted.
 */
export async function openPublisher(wanted: BenchOptions['publishers'], options: PublisherOptions): Promise<Publisher> {
  if (wanted === 'ephemeral') return openEphemeral(options);
  const persistent = await openPersistent(options);
  if (persistent) return persistent;
  if (wanted === 'auto') return openEphemeral(options);
  throw new BenchError(
    'refused',
    'the broker did not select wsn.v1, which persistent publishers need; ephemeral ones work with any broker',
  );
}
