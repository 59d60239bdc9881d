import { isDeepStrictEqual } from 'node:util';
import { expect, vi } from 'vitest';
import type { JsonObject, Position, SubscribeMessage, Subscription } from '../../../src/protocol/index.js';
import { encodeMessage } from '../../../src/server/frame.js';
import { takeMarks } from '../../../src/server/marks.js';
import { send } from '../../../src/server/send.js';
import { messagesIn } from '../fake-socket.js';
import { type Action, CLIENTS, type Publish, type Subscribe, WANTED, type Wish } from './actions.js';
import type { FakeLog } from './fake-log.js';
import { Life } from './life.js';
import { LinePeer } from './line-peer.js';
import { Model, type ModelLimits, type Tally } from './model.js';
import type { Told } from './model-keys.js';
import { topicOf } from './topics.js';

export interface WorldOptions {
  readonly limits: ModelLimits;
  readonly isEager: boolean;
  /** undefined for a broker that keeps everything in memory. */
  readonly disk: FakeLog | undefined;
  readonly tally: Tally;
}

/** The real parts of a broker beside the model of one, and what clients got from either. */
export class World {
  readonly model: Model;
  readonly #limits: ModelLimits;
  /** Whether every client reads after every action; else only when it is its turn. */
  readonly #isEager: boolean;
  readonly #disk: FakeLog | undefined;
  readonly #peers: (LinePeer | undefined)[] = Array.from({ length: CLIENTS }, () => undefined);
  readonly #doomed = new Set<number>();
  /** Number of the last notification that was new. */
  #last = -1;
  /** What publishers have to have been told. */
  readonly #due: Told[] = [];
  #life: Life;

  constructor({ limits, isEager, disk, tally }: WorldOptions) {
    this.#limits = limits;
    this.#isEager = isEager;
    this.#disk = disk;
    this.#life = this.#newLife();
    this.model = new Model(limits, { standing: (page) => this.#life.history.head(topicOf(page)) as Position, disk }, tally);
  }

  async open(): Promise<void> {
    await this.#life.feed.open();
  }

  /** Has the broker and the model do the same, and looks whether it was the same. */
  async run(action: Action): Promise<void> {
    if (action.kind === 'restart') await this.#restart(action.kept);
    else this.#act(action);
    expectSame(this.#life.takeTold(), this.#due.splice(0), 'what publishers were told');
    if (this.#isEager || action.kind === 'turn') this.turn();
  }

  /** Everything that is on its way arrives, and is what the model says. */
  turn(): void {
    this.#wait(0);
    // What an immediate of a fake clock has done next comes a moment later.
    this.#wait(1);
    for (let client = 0; client < CLIENTS; client++) this.#receive(client, Number.POSITIVE_INFINITY);
  }

  #act(action: Action): void {
    const { model } = this;
    switch (action.kind) {
      case 'publish':
        for (let count = 0; count < action.count; count++) this.#publish(action);
        break;
      case 'subscribe':
        this.#subscribe(action);
        break;
      case 'cut':
        this.#cut(action.client, action.received);
        break;
      case 'mark':
        this.#mark(action.client);
        break;
      case 'wait':
        this.#wait(action.ms);
        break;
      case 'sweep':
        this.#life.sweep();
        model.sweep();
        break;
      case 'commit':
        this.#disk?.commit(action.count);
        this.#due.push(...model.commit(action.count));
        break;
      case 'break disk':
        this.#disk?.fail();
        this.#due.push(...model.breakDisk());
        break;
      case 'mend disk':
        this.#disk?.recover();
        model.mendDisk();
        break;
      default: // a turn is over when it has been
    }
  }

  /** The time goes by from one moment to the next at which a set takes effect that had to wait. */
  #wait(ms: number): void {
    const end = performance.now() + ms;
    // First of all what happens at once.
    for (let next = performance.now(); next <= end; next = Math.max(performance.now() + 1, Math.min(end, this.model.deadline))) {
      vi.advanceTimersByTime(next - performance.now());
      this.model.settle();
    }
  }

  #newLife(): Life {
    const life = new Life(this.#limits, this.#disk !== undefined, (data) => this.#doomed.has(data));
    const { history } = life;
    const drop = history.dropThrough.bind(history);
    history.dropThrough = (sequence) => {
      this.model.drop(this.#disk?.dataThrough(sequence) ?? new Set());
      drop(sequence);
    };
    return life;
  }

  async #restart(kept: number): Promise<void> {
    for (let client = 0; client < CLIENTS; client++) this.#cut(client, 100);
    const survivors = this.#disk?.crash(kept) ?? 0;
    this.#life = this.#newLife();
    await this.#life.feed.open();
    this.model.restart(survivors);
  }

  #publish(action: Publish): void {
    const notification = this.model.notification(action);
    // What is published again is as doomed as it was.
    if (action.isDoomed && notification.data > this.#last) this.#doomed.add(notification.data);
    this.#last = Math.max(this.#last, notification.data);
    this.#life.publish(action.page, notification, action.key);
    this.#due.push(...this.model.publish(action, notification));
  }

  #subscribe(action: Subscribe): void {
    const { client } = action;
    const isV1 = this.model.clients[client]?.isV1 === true;
    const { wishes, resume } = this.model.resolve(action);
    this.#peers[client] ??= new LinePeer(`c${client}`, isV1 ? 'v1' : 'base', this.#life.flusher);
    const peer = this.#peers[client] as LinePeer;
    const { subscriber } = this.#life;
    const message: SubscribeMessage = {
      kind: 'subscribe',
      subscriptions: wishes.map(subscriptionOf),
      resume: [...resume].map(([page, position]) => ({ ...topicOf(page), ...position })),
    };
    peer.inTurn(() => {
      if (peer.isOpen) subscriber.subscribe(peer, message, (error) => expect.unreachable(String(error)));
    });
    this.model.subscribe(client, { wishes, resume });
  }

  #mark(client: number): void {
    const peer = this.#peers[client];
    if (!peer || peer.dialect === 'base') return;
    send(peer, encodeMessage({ kind: 'mark', topics: takeMarks(peer.memberships, (topic) => this.#life.feed.head(topic)) }));
    this.model.mark(client);
  }

  /** The line of a client breaks: some of what was on its way has come, the rest never will. */
  #cut(client: number, percent: number): void {
    const peer = this.#peers[client];
    if (!peer) return;
    peer.flush();
    this.#receive(client, percent / 100);
    peer.close();
    peer.outbox.discard();
    this.#life.registry.remove(peer);
    this.#peers[client] = undefined;
    this.model.cut(client);
  }

  /** @param share of what was on its way that the client gets to read. */
  #receive(client: number, share: number): void {
    const peer = this.#peers[client];
    const { view } = this.model.clients[client] as Model['clients'][number];
    const heard = messagesIn(peer?.socket.written.splice(0) ?? []).map((message) => JSON.parse(message) as object);
    const due = this.model.take(client);
    expectSame(heard, due, `what client ${client} was sent`);
    for (const message of heard.slice(0, Math.ceil(heard.length * share))) view.receive(message);
  }
}

function subscriptionOf({ page, wanted, rewind }: Wish): Subscription {
  const { filters } = WANTED[wanted] as (typeof WANTED)[number];
  return { ...topicOf(page), ...(filters ? { filters: filters as JsonObject } : {}), ...(rewind === undefined ? {} : { rewind }) };
}

/** As an expectation that is made hundreds of thousands of times. */
function expectSame(actual: readonly unknown[], expected: readonly unknown[], what: string): void {
  if (actual.length === 0 && expected.length === 0) return;
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}
