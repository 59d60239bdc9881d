import type { Position } from '../../../src/protocol/index.js';
import { CLIENTS, GIVEN, type Publish, type Subscribe, type Wish } from './actions.js';
import { positionOf } from './claimed.js';
import { ClientView } from './client-view.js';
import { type Entry, type Ground, type KeptLimits, KeptLog } from './kept-log.js';
import { ModelKeys, type Told } from './model-keys.js';
import { hears, replayOf, rewindOf } from './past.js';
import { topicOf } from './topics.js';

export interface ModelLimits extends KeptLimits {
  readonly maxReplayBytes: number;
}

/** What a client has asked for. */
interface Asked {
  readonly wishes: readonly Wish[];
  readonly resume: ReadonlyMap<number, Position>;
}

interface Line {
  wishes: readonly Wish[];
  /** Sets that wait, the first one for its topics to reach these offsets, and until when it does. */
  asked: Asked[];
  awaited: Map<number, number>;
  awaitedUntil: number;
  /** The last position of each topic of which the broker has told. */
  readonly told: Map<number, Position>;
  /** What is on its way to the client. */
  due: object[];
}

interface ModelClient {
  readonly isV1: boolean;
  /** What it has asked for last. */
  wishes: readonly Wish[];
  line: Line | undefined;
  readonly view: ClientView;
}

const UNAVAILABLE = 'unavailable';
const INTERNAL = 'internal';

/** How often what a test is about has happened. */
export type Tally = Record<string, number>;

/** The plainest broker: one array of everything that it keeps, searched from end to end, and what each client is due. */
export class Model {
  readonly clients: readonly ModelClient[];
  readonly tally: Tally;
  readonly #limits: ModelLimits;
  readonly #ground: Ground;
  readonly #log: KeptLog;
  readonly #keys = new ModelKeys();
  /** What is on its way into the log. */
  #pending: Entry[] = [];
  /** Epochs that have ended in this life of the broker. */
  readonly #ended = new Set<string>();
  /** The last offset that was heard of an epoch in which a fan-out failed. */
  readonly #heard = new Map<string, number>();
  #isBroken = false;
  #count = 0;

  constructor(limits: ModelLimits, ground: Ground, tally: Tally) {
    this.#limits = limits;
    this.#ground = ground;
    this.#log = new KeptLog(limits, ground);
    this.tally = tally;
    this.clients = Array.from({ length: CLIENTS }, (_, index) => ({
      isV1: index > 0,
      wishes: [],
      line: undefined,
      view: new ClientView(),
    }));
  }

  /** What is published next. */
  notification({ page, given, size, key }: Publish): Entry['notification'] {
    const value = GIVEN[given];
    const again = key === undefined ? undefined : this.#keys.notificationOf(`${page} ${key}`);
    if (again) return again;
    return { ...topicOf(page), filters: value === undefined ? {} : { v: value }, data: this.#count++, message: 'm'.repeat(size) };
  }

  /** @returns what its publisher has to be told already. */
  publish({ page, given, isDoomed, key: number }: Publish, notification: Entry['notification']): readonly Told[] {
    const key = number === undefined ? undefined : `${page} ${number}`;
    const again = key === undefined ? undefined : this.#keys.again(key);
    if (again) {
      this.#tell(again.length > 0 ? 'duplicate' : 'duplicate in flight');
      return again;
    }
    if (this.#isBroken) return [UNAVAILABLE];
    const isAtOnce = this.#ground.disk === undefined;
    // Nobody ever hears of the epoch of such a topic.
    if (isAtOnce && isDoomed && !this.#log.isOpen(page)) this.#log.beginUnheard(page);
    const { epoch, offset: last } = this.#log.head(page);
    const offset = last + this.#pending.filter((one) => one.page === page && one.epoch === epoch).length + 1;
    const value = GIVEN[given];
    const bytes = Buffer.byteLength(JSON.stringify(notification)) * 2 + (value === undefined ? 0 : 72) + 400;
    this.#pending.push({ page, epoch, offset, given: value, notification, at: performance.now(), bytes, isDoomed, key });
    if (key !== undefined) this.#keys.begin(key, notification);
    return isAtOnce ? this.commit(1) : [];
  }

  /** So many notifications are in the log now. @returns what their publishers have to be told. */
  commit(count: number): readonly Told[] {
    return this.#pending.splice(0, count).flatMap((entry) => this.#keys.settle(entry.key, this.#committed(entry)));
  }

  /** The disk takes nothing any more, what is on its way included, until it is well again. */
  breakDisk(): readonly Told[] {
    if (this.#isBroken) return [];
    this.#isBroken = true;
    return this.#pending.splice(0).flatMap(({ key }) => this.#keys.settle(key, UNAVAILABLE));
  }

  mendDisk(): void {
    this.#isBroken = false;
  }

  /** The broker has dropped notifications with these data, for its disk will not hold them any more. */
  drop(data: ReadonlySet<number>): void {
    this.#log.drop(data);
  }

  /** What the claims of a client are in this moment, topic by topic. */
  resolve({ client: index, wishes: wanted, claims }: Subscribe): Asked {
    const client = this.clients[index] as ModelClient;
    const wishes = wanted ?? client.wishes;
    client.wishes = wishes;
    const resume = new Map<number, Position>();
    if (!client.isV1) return { wishes, resume };
    for (const page of pagesOf(wishes)) {
      const claim = claims[page];
      const position = claim && positionOf(claim, { log: this.#log, page, seen: client.view.last(page) });
      if (position) resume.set(page, position);
    }
    return { wishes, resume };
  }

  /** A set takes effect behind those before it, and one that resumes ahead of the broker waits for that up to 2 s. */
  subscribe(index: number, asked: Asked): void {
    const client = this.clients[index] as ModelClient;
    client.line ??= { wishes: [], told: new Map(), due: [], asked: [], awaited: new Map(), awaitedUntil: 0 };
    client.line.asked.push(asked);
    if (client.line.asked.length === 1) this.#consider(client, client.line);
  }

  /** When the next set that waits has waited for long enough. */
  get deadline(): number {
    return Math.min(...this.clients.map(({ line }) => (line?.asked.length ? line.awaitedUntil : Number.POSITIVE_INFINITY)));
  }

  /** Sets whose time is over, or for which nothing is waited any more, take effect. */
  settle(): void {
    for (const client of this.clients) {
      const { line } = client;
      while (line?.asked.length && (line.awaited.size === 0 || line.awaitedUntil <= performance.now())) {
        this.#tell(line.awaited.size === 0 ? 'arrived' : 'not arrived');
        this.#replace(client, line, line.asked.shift() as Asked);
        const next = line.asked[0];
        if (next) this.#consider(client, line);
      }
    }
  }

  mark(index: number): void {
    const { line } = this.clients[index] as ModelClient;
    if (!line) return;
    const marks = pagesOf(line.wishes).flatMap((page) => {
      const head = this.#log.head(page);
      const told = line.told.get(page);
      if (told?.epoch === head.epoch && told.offset === head.offset) return [];
      line.told.set(page, head);
      return [{ ...topicOf(page), ...head }];
    });
    if (marks.length > 0) this.#tell('mark');
    line.due.push({ sender: 'server', mark: marks });
  }

  /** What was on its way to a client has come. */
  take(index: number): readonly object[] {
    const { line } = this.clients[index] as ModelClient;
    return line?.due.splice(0) ?? [];
  }

  cut(index: number): void {
    (this.clients[index] as ModelClient).line = undefined;
    (this.clients[index] as ModelClient).view.lineEnded();
  }

  /** A new life: with what the disk holds, and so many of those that were on their way into it. */
  restart(survivors: number): void {
    for (const index of this.clients.keys()) this.cut(index);
    this.#isBroken = false;
    this.#ended.clear();
    const stored = this.#log.restart(this.#pending.splice(0).slice(0, survivors));
    for (const { page, epoch } of stored) if (this.#ground.disk?.epochOf(topicOf(page).page) === epoch) this.#heard.delete(epoch);
    this.#keys.restart(stored.filter(({ epoch, offset }) => offset <= (this.#heard.get(epoch) ?? Number.POSITIVE_INFINITY)));
  }

  sweep(): void {
    const isWatched = (page: number) => this.clients.some(({ line }) => line?.wishes.some((wish) => wish.page === page));
    for (let count = this.#log.sweep(isWatched); count > 0; count--) this.#tell('forgotten');
  }

  #committed(entry: Entry): Told {
    this.#log.store(entry);
    // Of a life of its topic that has ended meanwhile.
    if (this.#ended.has(entry.epoch)) return INTERNAL;
    this.#log.add(entry);
    return entry.isDoomed ? this.#fail(entry) : this.#deliver(entry);
  }

  #deliver({ page, epoch, offset, given, notification }: Entry): Told {
    const position = { epoch, offset };
    let matched = 0;
    for (const { isV1, line } of this.clients) {
      if ((line?.awaited.get(page) ?? Number.POSITIVE_INFINITY) <= offset) line?.awaited.delete(page);
      if (!line || !hears(line.wishes, page, given)) continue;
      matched++;
      line.due.push({ sender: 'server', notification, ...(isV1 ? { position } : {}) });
      line.told.set(page, position);
    }
    return { kind: 'appended', position, matched };
  }

  /** A fan-out that fails: the topic's continuity is lost. */
  #fail({ page, epoch, offset }: Entry): Told {
    this.#ended.add(epoch);
    this.#heard.set(epoch, offset - 1);
    const position = this.#log.begin(page);
    for (const { isV1, line } of this.clients) {
      if (!isV1 || !line?.wishes.some((wish) => wish.page === page)) continue;
      line.due.push({ sender: 'server', reset: [{ ...topicOf(page), ...position }] });
      line.told.set(page, position);
      this.#tell('reset');
    }
    return INTERNAL;
  }

  /** The first set that waits begins to, or takes effect at once. */
  #consider(client: ModelClient, line: Line): void {
    const asked = line.asked[0] as Asked;
    const ahead = client.isV1
      ? [...asked.resume].filter(([page, { epoch, offset }]) => {
          const head = this.#log.head(page);
          return head.epoch === epoch && head.offset < offset;
        })
      : [];
    if (ahead.length === 0) {
      line.asked.shift();
      this.#replace(client, line, asked);
      if (line.asked.length > 0) this.#consider(client, line);
      return;
    }
    line.awaited = new Map(ahead.map(([page, { offset }]) => [page, offset]));
    line.awaitedUntil = performance.now() + 2000;
  }

  #replace({ isV1 }: ModelClient, line: Line, { wishes, resume }: Asked): void {
    line.wishes = wishes;
    if (!isV1) return;
    const past: object[] = [];
    let room = this.#limits.maxReplayBytes;
    const topics = pagesOf(wishes).map((page) => {
      const head = this.#log.head(page);
      line.told.set(page, head);
      const from = resume.get(page);
      const missed = from && replayOf(this.#log, { wishes, page, room }, from);
      if (missed) this.#tell(missed.what);
      room -= missed?.bytes ?? 0;
      past.push(...(missed?.deliveries ?? []));
      const resumed = missed && { recovered: missed.recovered, replayed: missed.deliveries.length };
      if (missed?.recovered || !wishes.some((wish) => wish.page === page && wish.rewind !== undefined)) {
        return { ...topicOf(page), ...head, ...resumed };
      }
      const last = rewindOf(this.#log, { wishes, page, room });
      this.#tell(last.what);
      room -= last.bytes;
      past.push(...last.deliveries);
      return { ...topicOf(page), ...head, ...resumed, rewound: last.deliveries.length, complete: last.isComplete };
    });
    line.due.push({ sender: 'server', subscribed: { topics } }, ...past);
  }

  #tell(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

/** The topics of a set, in the order in which it first names them. */
function pagesOf(wishes: readonly Wish[]): readonly number[] {
  return [...new Set(wishes.map(({ page }) => page))];
}
