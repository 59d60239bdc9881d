import type { Envelope } from './envelope.js';
import type { PublisherKind } from './result.js';
import type { Target } from './target.js';

/** Sends notifications, and learns what became of them. */
export interface Publisher extends AsyncDisposable {
  readonly kind: PublisherKind;
  /** Notifications that were given to `publish`, and neither acknowledged nor refused yet. */
  readonly unanswered: number;
  /** Whether it can send no more: its only connection has ended. */
  readonly isGone: boolean;
  /** Sends now, or as soon as a connection is free for it; never throws. */
  publish(index: number): void;
  /** Drops what still waits for a connection. */
  stop(): void;
}

/** What a publisher needs to know. */
export interface PublisherOptions {
  readonly target: Target;
  readonly envelope: Envelope;
  /** A notification that nobody subscribes to: it shows, before any load, whether this process may publish. */
  readonly probe: string;
  /** Called when a notification is about to be written, or its connection to be opened. */
  readonly onSending: (index: number) => void;
  /** Called for each notification that the broker did not take. */
  readonly onRefused: (index: number, why: string) => void;
  /** Called for each notification whose connection ended before the broker had said whether it took it. */
  readonly onUnknown: (index: number, why: string) => void;
  readonly signal?: AbortSignal;
}

const BEFORE = '{"sender":"server","notification":';

/** A publisher's message around a notification, with an `id` that the receipt repeats. */
export function publication(notification: Uint8Array | string, id?: string): Buffer {
  const before = id === undefined ? BEFORE : `{"sender":"server","id":"${id}","notification":`;
  const value = typeof notification === 'string' ? Buffer.from(notification) : notification;
  return Buffer.concat([Buffer.from(before), value, Buffer.from('}')]);
}
