import { describe, expect, test } from 'vitest';
import {
  type Grant,
  type GrantList,
  ProtocolError,
  type SubscribeMessage,
  type Subscription,
  type Topic,
  type TopicPosition,
} from '../../src/protocol/index.js';
import { Arrivals } from '../../src/server/arrivals.js';
import { Fanout } from '../../src/server/fanout.js';
import { MemoryFeed } from '../../src/server/feed/memory.js';
import { Flusher } from '../../src/server/flusher.js';
import { History } from '../../src/server/history.js';
import { toldOf } from '../../src/server/registry/membership.js';
import { Registry } from '../../src/server/registry/registry.js';
import { Subscriber } from '../../src/server/subscribe.js';
import { recordingLog } from '../support/log.js';
import { FakePeer } from './fake-peer.js';

const A: Topic = { package: 'p', page: 'a' };
const B: Topic = { package: 'p', page: 'b' };
const ROOM = { maxOutboxBytes: 4 * 1024 * 1024, slowReaderTimeoutMs: 10_000 };

function about(value: string | readonly string[], topic = A): Subscription & Grant {
  return { ...topic, filters: { values: value } };
}

/** The path behind a message of subscriptions, with nothing left out but the sockets. */
class World {
  readonly registry = new Registry();
  readonly log = recordingLog();
  readonly #history = new History({ historyNotifications: 100, historyAgeMs: 60_000, historyBytes: 1_000_000 });
  readonly #fanout = new Fanout(this.registry, new Flusher(ROOM));
  readonly feed = new MemoryFeed(this.#history, { deliver: (entry) => this.#fanout.deliver(entry), reset: () => {} });
  readonly #subscriber: Subscriber;

  constructor() {
    const { feed, registry, log } = this;
    this.#subscriber = new Subscriber({ feed, history: this.#history, registry, arrivals: new Arrivals(), log, ...ROOM });
  }

  peer(id: string, grants: GrantList): FakePeer {
    const peer = new FakePeer(id, 'v1');
    peer.access = { subscribe: grants, publish: [] };
    return peer;
  }

  subscribe(peer: FakePeer, subscriptions: readonly Subscription[], more: Partial<SubscribeMessage> = {}): void {
    this.#subscriber.subscribe(peer, { kind: 'subscribe', subscriptions, ...more }, () => {});
  }

  regrant(peer: FakePeer, grants: GrantList): void {
    peer.access = { subscribe: grants, publish: [] };
    this.#subscriber.regrant(peer);
  }

  publish(topic: Topic, ...values: readonly string[]): void {
    for (const value of values) {
      const payload = Buffer.from(JSON.stringify({ ...topic, filters: { values: value } }));
      this.feed.append({ topic, filters: { values: value }, payload }, () => {});
    }
  }

  seen(topic: Topic, offset: number): TopicPosition {
    return { ...topic, epoch: this.feed.head(topic).epoch, offset };
  }
}

/** What the last answer to a set of subscriptions said of its topics. */
function topicsTold(peer: FakePeer): readonly object[] {
  const answers = peer.received().filter((message) => Object.hasOwn(message as object, 'subscribed'));
  return (answers.at(-1) as { subscribed: { topics: object[] } }).subscribed.topics;
}

/** Page and offset of each delivery. */
function delivered(peer: FakePeer): string[] {
  return peer.received().flatMap((message) => {
    const { notification, position } = message as { notification?: Topic; position?: { offset: number } };
    return notification ? [`${notification.page}${position?.offset}`] : [];
  });
}

describe('a subscription whose topic no grant names', () => {
  test('is refused with its place, and what was subscribed before stands (R-7.3)', () => {
    const world = new World();
    const peer = world.peer('c1', [about('1'), { package: 'p', page: 'another' }]);
    world.subscribe(peer, [about('1')]);
    const refused = (): void => world.subscribe(peer, [A, about('1'), B, { package: 'p', page: '*' }]);
    expect(refused).toThrow(ProtocolError);
    expect(refused).toThrow(
      expect.objectContaining({
        code: 'forbidden',
        path: '/subscriptions/2',
        message: 'no grant of this peer names this topic',
      }),
    );
    world.publish(A, '1');
    world.publish(B, '1');
    expect(delivered(peer)).toEqual(['a1']);
    expect(peer.memberships).toHaveLength(1);
  });

  test('is refused to a peer that has no grants at all; an empty set is not (R-7.3)', () => {
    const world = new World();
    const peer = world.peer('c1', []);
    expect(() => world.subscribe(peer, [A])).toThrow(expect.objectContaining({ code: 'forbidden', path: '/subscriptions/0' }));
    world.subscribe(peer, []);
    expect(topicsTold(peer)).toEqual([]);
  });
});

describe('a topic of which grants may keep something back', () => {
  test.each<[string, readonly Subscription[], GrantList, boolean]>([
    ['everything is granted', [A], 'all', false],
    ['a grant has no filters', [about('1')], [about('2'), A], false],
    ['a grant for any topic has no filters', [about('1')], [about('2'), { package: '*', page: '*' }], false],
    ['the grants say what the subscriptions say', [about(['1', '2']), about('3')], [about('3'), about(['2', '1'])], false],
    ['only some subscriptions stand among the grants', [about('1'), about('2')], [about('1')], true],
    ['a subscription wants less than a grant lets through', [about('1')], [about(['1', '2'])], true],
    ['a subscription has no filters', [A], [about('1')], true],
  ])('is answered so when it is: %s (R-7.3)', (_, subscriptions, grants, isNarrowed) => {
    const world = new World();
    const peer = world.peer('c1', grants);
    world.subscribe(peer, subscriptions);
    const head = world.feed.head(A);
    expect(topicsTold(peer)).toEqual([{ ...A, ...head, ...(isNarrowed ? { narrowed: true } : {}) }]);
    const facts = { connection: 'c1', subscriptions: subscriptions.length, topics: 1 };
    expect(world.log.find('subscribed')).toEqual({ ...facts, ...(isNarrowed ? { narrowed: 1 } : {}) });
  });

  test('is resumed with what its grants let through, and says so beside (R-7.3, R-5.4)', () => {
    const world = new World();
    const peer = world.peer('c1', [about(['2', '3']), B]);
    world.publish(A, '1', '2', '3', '2', '4');
    world.publish(B, '1');
    world.subscribe(peer, [about(['1', '2']), B], { resume: [world.seen(A, 0), world.seen(B, 0)] });
    expect(topicsTold(peer)).toMatchObject([
      { offset: 5, recovered: true, replayed: 2, narrowed: true },
      { offset: 1, recovered: true, replayed: 1 },
    ]);
    expect(topicsTold(peer)[1]).not.toHaveProperty('narrowed');
    world.publish(A, '1', '2', '3');
    expect(delivered(peer)).toEqual(['a2', 'a4', 'b1', 'a7']);
  });
});

describe('new grants', () => {
  test('are in force for the very next notification, and what waited before comes first, in its order (R-5.10, R-7.3)', () => {
    const world = new World();
    const peer = world.peer('c1', [about('1'), B]);
    world.subscribe(peer, [A, B]);
    world.publish(A, '1', '2');
    world.publish(B, '1');
    world.regrant(peer, [about('2')]);
    world.publish(A, '1', '2');
    world.publish(B, '1');
    world.regrant(peer, 'all');
    world.publish(A, '3');
    world.publish(B, '1');
    expect(delivered(peer)).toEqual(['a1', 'b1', 'a4', 'a5', 'b3']);
    expect(world.log.records.slice(-2).map(({ message, fields }) => [message, fields])).toEqual([
      ['subscriptions under new grants', { connection: 'c1', topics: 2, narrowed: 2 }],
      ['subscriptions under new grants', { connection: 'c1', topics: 2 }],
    ]);
  });

  test('leave what the peer was told, also where others were told of more, and those keep theirs (R-5.6)', () => {
    const world = new World();
    const [peer, other] = [world.peer('c1', [about('1')]), world.peer('c2', 'all')];
    for (const one of [peer, other]) world.subscribe(one, [A]);
    world.publish(A, '1', '2');
    const told = (): number[] => [peer, other].map((one) => toldOf(one.memberships[0] as never).offset);
    expect(told()).toEqual([1, 2]);
    world.regrant(peer, 'all');
    expect(peer.memberships[0]?.group).toBe(other.memberships[0]?.group);
    expect(told()).toEqual([1, 2]);
    world.publish(A, '2');
    expect(told()).toEqual([3, 3]);
    world.regrant(peer, [about('1')]);
    world.publish(A, '2');
    expect(told()).toEqual([3, 4]);
  });

  test('change nothing for a peer that follows nothing', () => {
    const world = new World();
    const peer = world.peer('c1', 'all');
    world.regrant(peer, []);
    expect(peer.memberships).toEqual([]);
    expect(world.registry.stats).toMatchObject({ topics: 0, groups: 0, memberships: 0, sets: 0 });
  });
});
