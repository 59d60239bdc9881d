import { describe, expect, test } from 'vitest';
import type { Json, JsonObject, Subscription } from '../../../src/protocol/index.js';
import { Registry, type RegistryStats } from '../../../src/server/registry/registry.js';
import { FakePeer } from '../fake-peer.js';
import { membersOf } from './members.js';

const TOPIC = { package: 'p', page: 'q' };

function wants(filters: JsonObject, topic = TOPIC): Subscription {
  return { ...topic, filters };
}

/** Ids of the peers that a notification with these filters finds, sorted. */
function found(registry: Registry, filters: JsonObject, topic = TOPIC): string[] {
  const groups = registry.find({ ...topic, filters });
  return groups.flatMap((group) => membersOf(group).map((member) => member.peer.id)).sort();
}

/** How many candidates a look-up had to consider, and how many groups it found. */
function cost(registry: Registry, filters: JsonObject): Pick<RegistryStats, 'candidates' | 'found'> {
  const before = registry.stats;
  registry.find({ ...TOPIC, filters });
  const after = registry.stats;
  return { candidates: after.candidates - before.candidates, found: after.found - before.found };
}

/** Numbers from 0 to 1 that are the same in every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a peer and its set', () => {
  test('a new set replaces the old one whole (R-2.2)', () => {
    const registry = new Registry();
    const peer = new FakePeer('c1');
    registry.replace(peer, [wants({ values: '2' }), wants({ values: '3' }, { package: 'p', page: 'other' })]);
    registry.replace(peer, [wants({ values: '4' })]);
    expect(found(registry, { values: '2' })).toEqual([]);
    expect(found(registry, { values: '3' }, { package: 'p', page: 'other' })).toEqual([]);
    expect(found(registry, { values: '4' })).toEqual(['c1']);
    registry.replace(peer, []);
    expect(registry.stats).toMatchObject({ topics: 0, groups: 0, memberships: 0 });
  });

  test('a peer with several subscriptions that match is found once (R-2.9)', () => {
    const registry = new Registry();
    registry.replace(new FakePeer('c1'), [wants({ values: '2' }), wants({ values: true }), wants({})]);
    expect(found(registry, { values: ['2', '2'] })).toEqual(['c1']);
  });

  test('peers that want the same share a group, however they spell it', () => {
    const registry = new Registry();
    registry.replace(new FakePeer('c1'), [wants({ values: ['2', '3'] })]);
    registry.replace(new FakePeer('c2'), [wants({ values: [3, 2, 3] })]);
    expect(registry.stats).toMatchObject({ groups: 1, memberships: 2 });
    expect(found(registry, { values: 3 })).toEqual(['c1', 'c2']);
  });

  test('a topic in which nothing changed keeps its place and what the peer was told of it (R-5.6)', () => {
    const registry = new Registry();
    const peer = new FakePeer('c1', 'v1');
    registry.replace(peer, [wants({ values: '2' })]);
    const [first] = peer.memberships;
    registry.replace(peer, [wants({ values: 2 }), wants({}, { package: 'p', page: 'other' })]);
    expect(peer.memberships).toHaveLength(2);
    expect(peer.memberships[0]).toBe(first);
  });

  test('memberships stand in the order in which the set first names their topics (R-5.4)', () => {
    const registry = new Registry();
    const peer = new FakePeer('c1', 'v1');
    const topics = ['b', 'a', 'c'].map((page) => ({ package: 'p', page }));
    registry.replace(peer, [...topics, { package: 'p', page: 'b' }]);
    registry.replace(peer, [...topics].reverse());
    expect(peer.memberships.map((membership) => membership.group.topic.page)).toEqual(['c', 'a', 'b']);
  });

  test('topics whose names would read the same when joined stay apart (R-2.4)', () => {
    const registry = new Registry();
    registry.replace(new FakePeer('c1'), [{ package: 'a|b', page: 'c' }]);
    registry.replace(new FakePeer('c2'), [{ package: 'a', page: 'b|c' }]);
    expect(found(registry, {}, { package: 'a', page: 'b|c' })).toEqual(['c2']);
  });

  test('removing a peer twice, or one that never subscribed, changes nothing', () => {
    const registry = new Registry();
    const [peer, other] = [new FakePeer('c1'), new FakePeer('c2')];
    registry.replace(other, [wants({ values: '2' })]);
    registry.replace(peer, [wants({ values: '2' })]);
    registry.remove(peer);
    registry.remove(peer);
    registry.remove(new FakePeer('c3'));
    expect(found(registry, { values: '2' })).toEqual(['c2']);
    expect(registry.stats.memberships).toBe(1);
  });
});

describe('coming and going', () => {
  test('after 1,000 peers have come, changed their minds and gone, nothing is left', () => {
    const registry = new Registry();
    const next = dice(1);
    const pick = (most: number): number => Math.floor(next() * most);
    const filters = (): JsonObject =>
      [{ values: `${pick(50)}` }, { values: { channel: [pick(9), `${pick(9)}`] } }, { a: true, b: pick(3) }, { values: {} }, {}][
        pick(5)
      ] as JsonObject;
    const set = (): Subscription[] => Array.from({ length: pick(5) }, () => wants(filters(), { package: 'p', page: `${pick(7)}` }));
    const peers = Array.from({ length: 1000 }, (_, index) => new FakePeer(`c${index}`));
    for (const peer of peers) registry.replace(peer, set());
    for (const peer of peers) registry.replace(peer, set());
    expect(registry.stats.memberships).toBeGreaterThan(1000);
    for (const peer of peers.sort(() => next() - 0.5)) registry.remove(peer);
    expect(registry.stats).toMatchObject({ topics: 0, groups: 0, memberships: 0 });
    expect(peers.every((peer) => peer.memberships.length === 0)).toBe(true);
    for (let page = 0; page < 7; page++) expect(registry.isWatched({ package: 'p', page: `${page}` })).toBe(false);
  });

  test.each([
    ['one group', (): Json => '2'],
    ['one bucket and a group each', (index: number): Json => ['2', `own ${index}`]],
  ])('10,000 peers in %s leave in any order, and those who stay are still found', (_, value) => {
    const registry = new Registry();
    const next = dice(2);
    const peers = Array.from({ length: 10_000 }, (_, index) => new FakePeer(`c${index}`));
    for (const [index, peer] of peers.entries()) registry.replace(peer, [wants({ values: value(index) })]);
    const shuffled = [...peers].sort(() => next() - 0.5);
    for (const peer of shuffled.splice(0, 9_990)) registry.remove(peer);
    expect(found(registry, { values: '2' })).toEqual(shuffled.map((peer) => peer.id).sort());
    for (const peer of shuffled) registry.remove(peer);
    expect(found(registry, { values: '2' })).toEqual([]);
    expect(registry.stats).toMatchObject({ topics: 0, groups: 0, memberships: 0 });
  });
});

describe('the cost of a look-up', () => {
  test('10,000 subscriptions for other values are not considered', () => {
    const registry = new Registry();
    for (let index = 0; index < 10_000; index++) registry.replace(new FakePeer(`c${index}`), [wants({ values: { channel: `${index}` } })]);
    expect(cost(registry, { values: '77' })).toEqual({ candidates: 1, found: 1 });
    expect(cost(registry, { values: { channel: ['5', 9_999] } })).toEqual({ candidates: 2, found: 2 });
    expect(cost(registry, { values: 'nobody' })).toEqual({ candidates: 0, found: 0 });
    expect(cost(registry, { other: '77' })).toEqual({ candidates: 0, found: 0 });
  });

  test('a popular filter beside a selective one costs nothing, whichever is written first', () => {
    const registry = new Registry();
    for (let index = 0; index < 10_000; index++) {
      const filters = index % 2 ? { kind: 'news', id: index } : { id: index, kind: 'news' };
      registry.replace(new FakePeer(`c${index}`), [wants(filters)]);
    }
    const { candidates, found } = cost(registry, { kind: 'news', id: '4711' });
    expect(found).toBe(1);
    // The very first one could not know which of its two filters would become popular.
    expect(candidates).toBeLessThanOrEqual(2);
  });

  test('a wildcard beside a value is not where a subscription waits', () => {
    const registry = new Registry();
    for (let index = 0; index < 10_000; index++) registry.replace(new FakePeer(`c${index}`), [wants({ any: true, id: index })]);
    expect(cost(registry, { any: 'thing', id: 1 })).toEqual({ candidates: 1, found: 1 });
  });

  test('10,000 peers of one group are one candidate', () => {
    const registry = new Registry();
    for (let index = 0; index < 10_000; index++) registry.replace(new FakePeer(`c${index}`), [wants({ values: '2' })]);
    expect(cost(registry, { values: '2' })).toEqual({ candidates: 1, found: 1 });
  });
});

describe('the figures of the registry', () => {
  test('say how many candidates there were for each match, and how many were refused', () => {
    const registry = new Registry();
    expect(registry.stats.candidatesPerMatch).toBe(1);
    registry.replace(new FakePeer('c1'), [wants({ a: '1', b: 'x' })]);
    registry.replace(new FakePeer('c2'), [wants({ a: '1', b: 'y' })]);
    registry.replace(new FakePeer('c3'), [wants({ b: ['x', 'y'] })]);
    for (const b of ['x', 'y', 'y']) registry.find({ ...TOPIC, filters: { a: '2', b } });
    const { candidates, refused, found, candidatesPerMatch } = registry.stats;
    expect(found).toBe(3);
    expect(refused).toBe(candidates - found);
    expect(candidatesPerMatch).toBe(candidates / found);
  });
});

describe('what a notification can make a look-up cost', () => {
  test('a subscription that is met many times is confirmed once, also when it is refused', () => {
    const registry = new Registry();
    registry.replace(new FakePeer('c1'), [wants({ a: '1', b: 'z' })]);
    let reads = 0;
    const many = Array.from({ length: 1000 }, () => '1');
    const given: JsonObject = {
      a: many,
      get b() {
        reads++;
        return '2';
      },
    };
    expect(found(registry, given)).toEqual([]);
    // Once for the confirmation, and at most once for the walk.
    expect(reads).toBeLessThanOrEqual(2);
  });
});
