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
  expiresAt: number;
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
   * @param use one that has been checked.
   * @param publish called for a first use; its outcome decides for all later ones, and a failure forgets the key.
   * One that throws leaves the key free again, unless it has been settled.
   * @param settled called with the outcome of the first use, when that is there.
   * @throws what `publish` throws.
   */
  once(use: KeyUse, publish: (settled: (outcome: Outcome) => void) => void, settled: (outcome: Outcome) => void): void {
    const found = this.#keys.get(nameOf(use.id));
    if (found?.waiting) found.waiting.push(settled);
    else if (found?.position) settled({ kind: 'appended', position: found.position, matched: found.matched, isDuplicate: true });
    else this.#begin(use, publish, settled);
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

  #begin({ id, digest }: KeyUse, publish: (settled: (outcome: Outcome) => void) => void, settled: (outcome: Outcome) => void): void {
    const name = nameOf(id);
    const expiresAt = performance.now() + KEY_TTL_MS;
    const remembered: Remembered = { digest, expiresAt, waiting: [], position: undefined, matched: 0 };
    this.#keys.set(name, remembered);
    try {
      publish((outcome) => {
        const waiting = remembered.waiting ?? [];
        remembered.waiting = undefined;
        if (outcome.kind === 'appended') Object.assign(remembered, { position: outcome.position, matched: outcome.matched });
        else this.#forget(name, remembered);
        tellAll(outcome, settled, waiting);
      });
    } catch (error) {
      if (!remembered.position) this.#forget(name, remembered);
      throw error;
    }
  }

  #forget(name: string, remembered: Remembered): void {
    if (this.#keys.get(name) === remembered) this.#keys.delete(name);
  }

  #expire(): void {
    const now = performance.now();
    for (const [name, remembered] of this.#keys) {
      if (remembered.expiresAt > now) return;
      this.#keys.delete(name);
      if (!remembered.waiting) continue;
      // One in flight is looked at again later, behind the others, which it must not hold up.
      remembered.expiresAt = now + KEY_TTL_MS;
      this.#keys.set(name, remembered);
    }
  }
}

/** Tells the first, then its copies, each whatever happens to those before. @throws the last thing that one of them threw. */
function tellAll(outcome: Outcome, first: (outcome: Outcome) => void, copies: readonly ((outcome: Outcome) => void)[]): void {
  const copied: Outcome = outcome.kind === 'appended' ? { ...outcome, isDuplicate: true } : outcome;
  let thrown: { readonly error: unknown } | undefined;
  for (const [index, tell] of [first, ...copies].entries()) {
    try {
      tell(index === 0 ? outcome : copied);
    } catch (error) {
      thrown = { error };
    }
  }
  if (thrown) throw thrown.error;
}

function nameOf(id: Buffer): string {
  return id.toString('latin1');
}

function sixteenBytes(of: string | Uint8Array): Buffer {
  return hash('sha256', of, 'buffer').subarray(0, 16);
}
