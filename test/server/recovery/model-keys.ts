import type { Position } from '../../../src/protocol/index.js';
import type { Entry } from './kept-log.js';

/** How long a key is remembered. */
const TTL_MS = 120_000;

/** What a publisher is told. */
export type Told =
  | { readonly kind: 'appended'; readonly position: Position; readonly matched: number; readonly isDuplicate?: true }
  | 'unavailable'
  | 'internal';

interface Use {
  readonly notification: Entry['notification'];
  expiresAt: number;
  /** What the first was told; undefined while it is in flight. */
  told: Told | undefined;
  /** How many wait for that. */
  waiting: number;
}

/** The keys that are remembered, and what came of them. */
export class ModelKeys {
  readonly #uses = new Map<string, Use>();

  /** What was published with a key that is remembered. */
  notificationOf(key: string): Entry['notification'] | undefined {
    this.#expire();
    return this.#uses.get(key)?.notification;
  }

  /** @returns what somebody is told who uses a key again: nothing yet while the first is in flight; undefined for a first use. */
  again(key: string): readonly Told[] | undefined {
    const use = this.#uses.get(key);
    if (!use) return undefined;
    if (use.told === undefined) use.waiting++;
    return use.told === undefined ? [] : [duplicateOf(use.told)];
  }

  begin(key: string, notification: Entry['notification']): void {
    this.#uses.set(key, { notification, expiresAt: performance.now() + TTL_MS, told: undefined, waiting: 0 });
  }

  /** The first has been told. @returns what all are told, it first. */
  settle(key: string | undefined, told: Told): readonly Told[] {
    const use = key === undefined ? undefined : this.#uses.get(key);
    if (key === undefined || !use) return [told];
    use.told = told;
    if (typeof told === 'string') this.#uses.delete(key);
    return [told, ...Array.from({ length: use.waiting }, () => duplicateOf(told))];
  }

  /** A new life of the broker, with the keys that its disk holds. */
  restart(stored: readonly Entry[]): void {
    this.#uses.clear();
    for (const { key, notification, at, epoch, offset } of stored) {
      if (key === undefined || performance.now() - at >= TTL_MS) continue;
      const told: Told = { kind: 'appended', position: { epoch, offset }, matched: 0 };
      this.#uses.set(key, { notification, expiresAt: at + TTL_MS, told, waiting: 0 });
    }
  }

  /** Those that were used first; one in flight is looked at again later. */
  #expire(): void {
    for (const [key, use] of this.#uses) {
      if (use.expiresAt > performance.now()) return;
      this.#uses.delete(key);
      if (use.told !== undefined) continue;
      use.expiresAt = performance.now() + TTL_MS;
      this.#uses.set(key, use);
    }
  }
}

function duplicateOf(told: Told): Told {
  return typeof told === 'string' ? told : { ...told, isDuplicate: true };
}
