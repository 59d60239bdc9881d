import { hash } from 'node:crypto';
import { type Position, ProtocolError, type Topic } from '../protocol/index.js';
import type { Outcome } from './feed/feed.js';

/** How long a key is remembered, from its first use. */
export const KEY_TTL_MS = 120_000;

/** About 300 bytes each: whoever may publish could fill the memory with them. */
const MOST_KEYS = 1_000_000;

/** One use of a key. */
export interface KeyUse {
  /** 16 bytes that publisher, topic and key come to. */
  readonly id: Buffer;
  /** 16 bytes that the notification comes to. */
  readonly digest: string;
  /** JSON pointer of the key, for the error. */
  readonly path: string;
}

/** What a key is counted by. */
interface Scope {
  /** Of whoever publishes; anonymous publishers are one. */
  readonly identity: string;
  readonly topic: Topic;
  readonly key: string;
}

interface Remembered {
  readonly digest: string;
  /** Of the monotonic clock, ms. */
  readonly expiresAt: number;
  /** While the first is in flight: who waits for it. */
  waiting: ((outcome: Outcome) => void)[] | undefined;
  position: Position | undefined;
  matched: number;
}

/** A use of `key` for a notification with these bytes. */
export function keyUse({ identity, topic, key }: Scope, payload: Uint8Array, path: string): KeyUse {
  return { id: sixteenBytes(JSON.stringify([identity, topic.package, topic.page, key])), digest: digestOf(payload), path };
}

/** What is compared to tell whether a key comes with the same bytes again. */
export function digestOf(payload: Uint8Array): string {
  return sixteenBytes(payload).toString('latin1');
}

/** Remembers for two minutes which keys publishers have used, so that nothing is sent twice. */
export class Keys {
  /** By `id`, the first used first. */
  readonly #keys = new Map<string, Remembered>();

  /** How many are remembered. */
  get size(): number {
    return this.#keys.size;
  }

  /** @throws ProtocolError `key-reused` for other bytes than those of the first use, `unavailable` when too many are remembered. */
  check({ id, digest, path }: KeyUse): void {
    this.#expire();
    const found = this.#keys.get(nameOf(id));
    if (found !== undefined && found.digest !== digest) {
      throw new ProtocolError('key-reused', 'this key was used for another notification in the last two minutes', { path });
    }
    if (found === undefined && this.#keys.size >= MOST_KEYS) {
      throw new ProtocolError('unavailable', 'too many keys were used in the last two minutes; try again later');
    }
  }

  /**
   * Sees to it that a key is used once.
   * @param use one that has been checked, in this very turn.
   * @param publish called for a first use; its outcome decides for all later ones, and a failure forgets the key.
   * @param settled called with the outcome of the first use, when that is there.
   */
  once(use: KeyUse, publish: (settled: (outcome: Outcome) => void) => void, settled: (outcome: Outcome) => void): void {
    const name = nameOf(use.id);
    const found = this.#keys.get(name);
    if (found?.waiting) found.waiting.push(settled);
    else if (found?.position) settled({ kind: 'appended', position: found.position, matched: found.matched, isDuplicate: true });
    else this.#begin(name, use, publish, settled);
  }

  /**
   * Remembers a use that the log holds.
   * @param ageMs how long ago it was.
   */
  restore({ id, digest, position }: { id: Uint8Array; digest: string; position: Position }, ageMs: number): void {
    const expiresAt = performance.now() + KEY_TTL_MS - ageMs;
    this.#keys.set(nameOf(Buffer.from(id)), { digest, expiresAt, waiting: undefined, position, matched: 0 });
  }

  /** Forgets all: the log that they stood in is void. */
  clear(): void {
    this.#keys.clear();
  }

  #begin(
    name: string,
    { digest }: KeyUse,
    publish: (settled: (outcome: Outcome) => void) => void,
    settled: (outcome: Outcome) => void,
  ): void {
    const expiresAt = performance.now() + KEY_TTL_MS;
    const remembered: Remembered = { digest, expiresAt, waiting: [], position: undefined, matched: 0 };
    this.#keys.set(name, remembered);
    publish((outcome) => {
      const waiting = remembered.waiting ?? [];
      remembered.waiting = undefined;
      if (outcome.kind === 'appended') {
        remembered.position = outcome.position;
        remembered.matched = outcome.matched;
      } else if (this.#keys.get(name) === remembered) this.#keys.delete(name);
      settled(outcome);
      for (const wait of waiting) wait(outcome.kind === 'appended' ? { ...outcome, isDuplicate: true } : outcome);
    });
  }

  #expire(): void {
    const now = performance.now();
    for (const [name, { expiresAt, waiting }] of this.#keys) {
      // One in flight is waited for: it holds up those behind it for as long.
      if (expiresAt > now || waiting) return;
      this.#keys.delete(name);
    }
  }
}

function nameOf(id: Buffer): string {
  return id.toString('latin1');
}

function sixteenBytes(of: string | Uint8Array): Buffer {
  return hash('sha256', of, 'buffer').subarray(0, 16);
}
