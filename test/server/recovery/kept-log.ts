import type { Json, Position } from '../../../src/protocol/index.js';
import type { FakeLog } from './fake-log.js';
import { topicOf } from './topics.js';

/** A notification on its way into the log, or in it. */
export interface Entry {
  readonly page: number;
  readonly epoch: string;
  readonly offset: number;
  /** The value of its filter. */
  readonly given: string | undefined;
  readonly notification: Json & { readonly data: number };
  readonly at: number;
  /** What it counts for in the history. */
  readonly bytes: number;
  /** Whether its fan-out will fail. */
  readonly isDoomed: boolean;
  readonly key: string | undefined;
}

export interface KeptLimits {
  readonly historyNotifications: number;
  readonly historyAgeMs: number;
  readonly historyBytes: number;
}

/** What no model can know: which epochs the broker makes, and what its disk holds. */
export interface Ground {
  /** Where a topic stands that the broker has just opened. */
  standing(page: number): Position;
  /** undefined for a broker without one. */
  readonly disk: FakeLog | undefined;
}

interface Standing {
  readonly epoch: string;
  offset: number;
  usedAt: number;
}

/** What is kept of all topics, as plainly as can be: one array, searched from end to end. */
export class KeptLog {
  readonly #limits: KeptLimits;
  readonly #ground: Ground;
  readonly #topics = new Map<number, Standing>();
  /** Every epoch that there ever was, with the last offset in it. */
  readonly #lives = new Map<string, { readonly page: number; offset: number }>();
  /** First epochs, by topic and what they are made of: the same in every life of a broker with a disk. */
  readonly #firsts = new Map<string, string>();
  /** Of a broker with a disk: all that was ever committed, or survived. */
  readonly #stored: Entry[] = [];
  #entries: Entry[] = [];
  #unheard = 0;

  constructor(limits: KeptLimits, ground: Ground) {
    this.#limits = limits;
    this.#ground = ground;
  }

  /** The epochs of a topic, or of all others. */
  epochs(page: number, isOf: boolean): readonly string[] {
    return [...this.#lives].filter(([, life]) => (life.page === page) === isOf).map(([epoch]) => epoch);
  }

  isOpen(page: number): boolean {
    return this.#topics.has(page);
  }

  head(page: number): Position {
    const { epoch, offset } = this.#topics.get(page) ?? this.#open(page);
    return { epoch, offset };
  }

  /** What is kept of a topic, oldest first. */
  of(page: number): readonly Entry[] {
    this.#trim();
    return this.#entries.filter((entry) => entry.page === page);
  }

  /** An entry has come through the log. */
  add(entry: Entry): void {
    const { page, epoch, offset, at } = entry;
    // It may have been forgotten while the entry was on its way.
    const topic = this.#topics.get(page) ?? { epoch, offset: offset - 1, usedAt: at };
    this.#topics.set(page, topic);
    topic.offset = offset;
    topic.usedAt = at;
    this.#keep(entry);
  }

  /** An entry is on the disk, if there is one: a new life of the broker will find it there. */
  store(entry: Entry): void {
    const { page, epoch, offset } = entry;
    this.#lives.set(epoch, { page, offset });
    if (this.#ground.disk) this.#stored.push(entry);
  }

  /** The topic's life is over, and another begins. */
  begin(page: number): Position {
    this.#topics.delete(page);
    this.#entries = this.#entries.filter((entry) => entry.page !== page);
    return this.head(page);
  }

  /** A topic that will end with its first notification, so that nobody hears of its epoch. */
  beginUnheard(page: number): void {
    this.#topics.set(page, { epoch: `unheard ${++this.#unheard}`, offset: 0, usedAt: performance.now() });
  }

  /** Forgets topics that nobody uses. @returns how many. */
  sweep(isWatched: (page: number) => boolean): number {
    let count = 0;
    for (const [page, topic] of this.#topics) {
      const idleMs = performance.now() - topic.usedAt;
      if (isWatched(page)) topic.usedAt = performance.now();
      else if (this.of(page).length === 0 && idleMs > this.#limits.historyAgeMs) {
        this.#topics.delete(page);
        count++;
      }
    }
    return count;
  }

  /** The broker drops what its disk will not hold any more. */
  drop(data: ReadonlySet<number>): void {
    this.#entries = this.#entries.filter(({ notification }) => !data.has(notification.data));
  }

  /**
   * A new life of the broker: with what its disk holds, or without anything.
   * @returns all that the disk holds.
   */
  restart(survivors: readonly Entry[]): readonly Entry[] {
    const { disk } = this.#ground;
    this.#topics.clear();
    this.#entries = [];
    if (!disk) return [];
    for (const entry of survivors) this.store(entry);
    const data = disk.dataThrough(Number.POSITIVE_INFINITY);
    const held = this.#stored.filter(({ notification }) => data.has(notification.data));
    for (const entry of held) {
      if (performance.now() - entry.at > this.#limits.historyAgeMs) continue;
      this.#entries = this.#entries.filter(({ page, epoch }) => page !== entry.page || epoch === entry.epoch);
      this.#keep(entry);
      this.#topics.set(entry.page, { epoch: entry.epoch, offset: entry.offset, usedAt: entry.at });
    }
    for (const page of [...'abcdefgh'].keys()) this.#goOn(page, disk.epochOf(topicOf(page).page));
    return held;
  }

  /** A topic stands on the disk: its life goes on, also when nothing of it is kept any more. */
  #goOn(page: number, epoch: string | undefined): void {
    if (epoch === undefined || this.#topics.get(page)?.epoch === epoch) return;
    this.#entries = this.#entries.filter((entry) => entry.page !== page);
    this.#topics.set(page, { epoch, offset: this.#lives.get(epoch)?.offset ?? 0, usedAt: performance.now() });
    this.#lives.set(epoch, { page, offset: this.#lives.get(epoch)?.offset ?? 0 });
  }

  #keep(entry: Entry): void {
    this.#entries.push(entry);
    const ofTopic = this.#entries.filter(({ page }) => page === entry.page);
    if (ofTopic.length > this.#limits.historyNotifications) this.#entries.splice(this.#entries.indexOf(ofTopic[0] as Entry), 1);
    this.#trim();
  }

  #trim(): void {
    this.#entries = this.#entries.filter(({ at }) => performance.now() - at <= this.#limits.historyAgeMs);
    while (this.#entries.reduce((sum, { bytes }) => sum + bytes, 0) > this.#limits.historyBytes) this.#entries.shift();
  }

  /** @throws Error for an epoch that was used before for something else, or that ends where it need not. */
  #open(page: number): Standing {
    const { disk } = this.#ground;
    const { epoch, offset } = this.#ground.standing(page);
    const life = this.#lives.get(epoch);
    if (life && (!disk || life.page !== page || life.offset !== offset)) throw new Error(`epoch ${epoch} has been used before`);
    const last = disk?.epochOf(topicOf(page).page);
    // One that began with a reset may not have come to the disk, and goes on all the same.
    if (last !== undefined && last !== epoch && !life && !disk?.hasForgotten)
      throw new Error(`epoch ${epoch} begins although ${last} is on the disk`);
    if (disk && disk.generation !== '' && last === undefined && !disk.hasForgotten) this.#expectFirst(`${page} ${disk.generation}`, epoch);
    this.#lives.set(epoch, { page, offset: life?.offset ?? 0 });
    const topic = { epoch, offset: life?.offset ?? 0, usedAt: performance.now() };
    this.#topics.set(page, topic);
    return topic;
  }

  /** @throws Error when a topic to which nothing was ever published does not begin as it did in a life before. */
  #expectFirst(name: string, epoch: string): void {
    const first = this.#firsts.get(name) ?? epoch;
    if (first !== epoch) throw new Error(`epoch ${epoch} begins although nothing has been published in ${first}`);
    this.#firsts.set(name, first);
  }
}
