import { describe, expect, test } from 'vitest';
import type { Json, SubscribeMessage, Subscription, Topic, TopicPosition } from '../../src/protocol/index.js';
import { Arrivals } from '../../src/server/arrivals.js';
import { Fanout } from '../../src/server/fanout.js';
import { MemoryFeed } from '../../src/server/feed/memory.js';
import { Flusher } from '../../src/server/flusher.js';
import { History } from '../../src/server/history.js';
import { SILENT } from '../../src/server/observe.js';
import { Registry } from '../../src/server/registry/registry.js';
import { Subscriber } from '../../src/server/subscribe.js';
import { FakePeer } from './fake-peer.js';

const A: Topic = { package: 'p', page: 'a' };
const B: Topic = { package: 'p', page: 'b' };

/** The path behind a message of subscriptions, with nothing left out but the sockets. */
class World {
  readonly registry = new Registry();
  readonly history = new History({ historyNotifications: 100, historyAgeMs: 60_000, historyBytes: 1_000_000 });
  readonly #fanout = new Fanout(this.registry, new Flusher({ maxOutboxBytes: 4 * 1024 * 1024, slowReaderTimeoutMs: 10_000 }));
  readonly feed = new MemoryFeed(this.history, { deliver: (entry) => this.#fanout.deliver(entry), reset: () => {} });
  readonly #subscriber: Subscriber;

  constructor(maxOutboxBytes = 4 * 1024 * 1024) {
    const { feed, history, registry } = this;
    this.#subscriber = new Subscriber({ feed, history, registry, arrivals: new Arrivals(), log: SILENT, maxOutboxBytes });
  }

  subscribe(peer: FakePeer, subscriptions: readonly Subscription[], more: Partial<SubscribeMessage> = {}): void {
    this.#subscriber.subscribe(peer, { kind: 'subscribe', subscriptions, ...more }, () => {});
  }

  publish(topic: Topic, value: Json): void {
    const payload = Buffer.from(JSON.stringify({ ...topic, filters: { values: value } }));
    this.feed.append({ topic, filters: { values: value }, payload }, () => {});
  }

  /** Where a client that has seen `offset` of a topic resumes. */
  seen(topic: Topic, offset: number): TopicPosition {
    return { ...topic, epoch: this.feed.head(topic).epoch, offset };
  }
}

/** What a peer received, as short as it can be told: `subscribed`, or the page and offset of a delivery. */
function told(peer: FakePeer): string[] {
  return peer.received().map((message) => {
    const { subscribed, notification, position } = message as { subscribed?: object; notification: Topic; position?: { offset: number } };
    return subscribed ? 'subscribed' : `${notification.page}${position?.offset ?? ''}`;
  });
}

describe('a base peer', () => {
  test('is told nothing, and its set is in force (R-2.2, R-5.1)', () => {
    const world = new World();
    const peer = new FakePeer('c1');
    world.subscribe(peer, [{ ...A, filters: { values: '2' } }]);
    expect(peer.received()).toEqual([]);
    world.publish(A, '2');
    world.publish(A, '3');
    expect(told(peer)).toEqual(['a']);
  });
});

describe('a v1 peer', () => {
  test('is told each topic of its set once, in the order of the set, and where it stands (R-5.4)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    world.publish(A, '2');
    world.subscribe(peer, [B, { ...A, filters: { values: '2' } }, { ...B, filters: { values: '2' } }], { id: '1' });
    const topics = [
      { ...B, ...world.feed.head(B) },
      { ...A, ...world.feed.head(A) },
    ];
    expect(topics.map((topic) => topic.offset)).toEqual([0, 1]);
    expect(peer.received()).toEqual([{ sender: 'server', id: '1', subscribed: { topics } }]);
  });

  test('that ends its subscriptions is told so, and an answer to a message without an id has none (R-2.2, R-5.2)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    world.subscribe(peer, [A]);
    world.subscribe(peer, []);
    world.publish(A, '2');
    expect(peer.received()[1]).toEqual({ sender: 'server', subscribed: { topics: [] } });
    expect(told(peer)).toEqual(['subscribed', 'subscribed']);
  });

  test('gets the answer, the replay topic by topic, then what is live, without a hole or a repeat (R-5.4)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    for (const value of ['1', '2', '3']) for (const topic of [A, B]) world.publish(topic, value);
    world.subscribe(peer, [B, A], { resume: [world.seen(A, 2), world.seen(B, 1)] });
    world.publish(A, '4');
    world.publish(B, '4');
    expect(told(peer)).toEqual(['subscribed', 'b2', 'b3', 'a3', 'a4', 'b4']);
    expect(peer.received()[0]).toMatchObject({
      subscribed: {
        topics: [
          { ...B, offset: 3, recovered: true, replayed: 2 },
          { ...A, offset: 3, recovered: true, replayed: 1 },
        ],
      },
    });
  });

  test('is told what was not recovered, beside what was and what was not resumed (R-5.4)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    const c: Topic = { package: 'p', page: 'c' };
    for (const topic of [A, B, c]) world.publish(topic, '2');
    world.subscribe(peer, [A, B, c], { resume: [{ ...A, epoch: 'old', offset: 1 }, world.seen(c, 1)] });
    const [first] = peer.received() as { subscribed: { topics: object[] } }[];
    expect(first?.subscribed.topics).toEqual([
      { ...A, ...world.feed.head(A), recovered: false, replayed: 0 },
      { ...B, ...world.feed.head(B) },
      { ...c, ...world.feed.head(c), recovered: true, replayed: 0 },
    ]);
    expect(told(peer)).toEqual(['subscribed']);
  });

  test('is answered at once, however far ahead the offset of an epoch that is over (R-5.4)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    world.publish(A, '2');
    world.subscribe(peer, [A], { resume: [{ ...A, epoch: 'old', offset: 99 }] });
    expect(peer.received()).toMatchObject([{ subscribed: { topics: [{ recovered: false, replayed: 0 }] } }]);
  });

  test('gets replays of half its outbox together, and is not dropped by them (R-5.4)', () => {
    const room = 100_000;
    const world = new World(room);
    const peer = new FakePeer('c1', 'v1');
    for (const topic of [A, B]) for (let index = 0; index < 3; index++) world.publish(topic, 'x'.repeat(10_000));
    world.subscribe(peer, [A, B], { resume: [world.seen(A, 0), world.seen(B, 0)] });
    const [first] = peer.received() as { subscribed: { topics: object[] } }[];
    expect(first?.subscribed.topics).toMatchObject([
      { recovered: true, replayed: 3 },
      { recovered: false, replayed: 0 },
    ]);
    expect(told(peer)).toEqual(['subscribed', 'a1', 'a2', 'a3']);
    expect(peer.drops).toEqual([]);
  });

  test('gets the very bytes of a replay that another gets who has missed as much, or nearly (R-5.4)', () => {
    const world = new World();
    for (let count = 0; count < 90; count++) world.publish(A, 'x'.repeat(5000));
    const [first, second, third] = [0, 0, 3].map((offset, index) => {
      const peer = new FakePeer(`c${index}`, 'v1');
      world.subscribe(peer, [A], { resume: [world.seen(A, offset)] });
      peer.flush();
      return peer.socket.written;
    }) as [Buffer[], Buffer[], Buffer[]];
    const bytesOf = (buffers: readonly Buffer[]) => buffers.reduce((sum, { length }) => sum + length, 0);
    for (const other of [second, third]) {
      const own = other.filter((buffer) => !first.includes(buffer));
      expect(bytesOf(own)).toBeLessThan(bytesOf(other) / 2);
    }
  });

  test('has been told of all that its answer told it, so that its next mark need not (R-5.6)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    world.publish(A, '1');
    world.subscribe(peer, [{ ...A, filters: { values: '2' } }]);
    const head = world.feed.head(A);
    expect(peer.memberships[0]).toMatchObject({ toldEpoch: head.epoch, toldOffset: 1 });
    world.publish(A, '1');
    world.subscribe(peer, [{ ...A, filters: { values: 2 } }]);
    expect(peer.memberships[0]).toMatchObject({ toldEpoch: head.epoch, toldOffset: 2 });
  });

  test('that asks and never reads is dropped with 1013 (R-4.1)', () => {
    const world = new World();
    const peer = new FakePeer('c1', 'v1');
    peer.socket.writableLength = 4 * 1024 * 1024;
    world.subscribe(peer, [A]);
    expect(peer.drops).toEqual([1013]);
  });
});
