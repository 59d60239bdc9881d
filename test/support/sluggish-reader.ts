import type { Peer, PeerOptions } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { type OrderedReader, openOrderedReader } from './ordered-reader.js';

/** How slowly is read: at most 64 KiB, what one look at the socket gives, then nothing for `restMs`. */
export interface Sluggishness {
  readonly restMs: number;
}

/** A subscriber of `TOPIC` that reads little by little from the moment at which `startResting` is called. */
export interface SluggishReader extends OrderedReader, AsyncDisposable {
  startResting(): void;
}

/** Opens one; its subscription is in force. */
export async function openSluggishReader(
  broker: Broker,
  { restMs }: Sluggishness,
  options: Partial<PeerOptions> = {},
): Promise<SluggishReader> {
  let isResting = false;
  let peer: Peer | undefined;
  const reader = await openOrderedReader(broker, 'base', {
    ...options,
    onFrame() {
      if (isResting) peer?.pause();
    },
  });
  ({ peer } = reader);
  const timer = setInterval(() => peer?.resume(), restMs);
  return Object.assign(reader, {
    startResting() {
      isResting = true;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await reader.peer[Symbol.asyncDispose]();
    },
  });
}
