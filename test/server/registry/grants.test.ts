import { describe, expect, test } from 'vitest';
import type { Grant, GrantList, JsonObject, Subscription, Topic } from '../../../src/protocol/index.js';
import { Registry } from '../../../src/server/registry/registry.js';
import { FakePeer } from '../fake-peer.js';
import { membersOf } from './members.js';

const TOPIC: Topic = { package: 'p', page: 'q' };
const OTHER: Topic = { package: 'p', page: 'other' };
const EMPTY = { topics: 0, groups: 0, memberships: 0, sets: 0 };

function about(filters: JsonObject, topic = TOPIC): Subscription & Grant {
  return { ...topic, filters };
}

function grant(peer: FakePeer, subscribe: GrantList): void {
  peer.access = { subscribe, publish: [] };
}

/** A peer of the registry with these subscriptions under these grants. */
function follower(registry: Registry, subscriptions: readonly Subscription[], grants: GrantList, id = 'c1'): FakePeer {
  const peer = new FakePeer(id, 'v1');
  grant(peer, grants);
  registry.replace(peer, subscriptions);
  return peer;
}

function found(registry: Registry, filters: JsonObject, topic = TOPIC): string[] {
  return registry
    .find({ ...topic, filters })
    .flatMap((group) => membersOf(group).map((member) => member.peer.id))
    .sort();
}

/** How many candidates a look-up had to consider. */
function candidates(registry: Registry, filters: JsonObject): number {
  const before = registry.stats.candidates;
  registry.find({ ...TOPIC, filters });
  return registry.stats.candidates - before;
}

describe('a peer under grants', () => {
  test('hears what a grant and a subscription match, not what only one of them does (R-7.3)', () => {
    const registry = new Registry();
    follower(registry, [about({ a: ['1', '2'] })], [about({ a: ['2', '3'] })]);
    expect(['1', '2', '3', '4'].filter((a) => found(registry, { a }).length > 0)).toEqual(['2']);
  });

  test('does not hear a bare scalar that only its subscription accepts, though its filters seem to lie within the grant (R-7.3, R-3.2)', () => {
    const registry = new Registry();
    follower(registry, [about({ values: { channel: '2', line: '7' } })], [about({ values: { channel: '2' } })]);
    expect(found(registry, { values: '7' })).toEqual([]);
    expect(found(registry, { values: '2' })).toEqual(['c1']);
    expect(found(registry, { values: { channel: 2, line: 7 } })).toEqual(['c1']);
  });

  test.each<[string, GrantList]>([
    ['every page of a package', [{ package: 'p', page: '*', filters: { a: '1' } }]],
    ['a page of any package', [{ package: '*', page: 'q', filters: { a: '1' } }]],
    ['any topic', [{ package: '*', page: '*', filters: { a: '1' } }]],
  ])('may have a grant for %s (R-7.3)', (_, grants) => {
    const registry = new Registry();
    follower(registry, [TOPIC], grants);
    expect([found(registry, { a: '1' }), found(registry, { a: '2' })]).toEqual([['c1'], []]);
  });

  test('hears nothing of a topic that no grant names (R-7.3)', () => {
    const registry = new Registry();
    const peer = follower(registry, [TOPIC], [OTHER]);
    expect(found(registry, {})).toEqual([]);
    registry.remove(peer);
    expect(registry.stats).toMatchObject(EMPTY);
  });

  test.each<[string, GrantList]>([
    ['are everything', 'all'],
    ['have one without filters', [about({ b: '1' }), TOPIC]],
    ['name any topic without filters', [{ package: '*', page: '*' }]],
    ['say what its subscriptions say', [about({ a: [2, 1] }), about({ b: '1' })]],
  ])('shares a group with those under no condition when its grants %s (R-7.3)', (_, grants) => {
    const registry = new Registry();
    follower(registry, [about({ a: ['1', '2'] })], 'all');
    const peer = follower(registry, [about({ a: ['1', '2'] })], grants, 'c2');
    expect(registry.stats).toMatchObject({ groups: 1, memberships: 2, sets: 0 });
    expect(peer.memberships[0]?.group.narrowing).toBe(undefined);
  });

  test('shares a group with those of equal subscriptions under equal grants, however they are spelled and whatever else they may hear', () => {
    const registry = new Registry();
    follower(registry, [TOPIC], [about({ a: '1' }), about({ b: '2' }), OTHER]);
    follower(registry, [about({})], [about({ b: 2 }), about({ a: 1 }), about({ a: '1' })], 'c2');
    follower(registry, [TOPIC], [about({ b: '2' })], 'c3');
    expect(registry.stats).toMatchObject({ groups: 2, memberships: 3 });
    expect(found(registry, { a: '1' })).toEqual(['c1', 'c2']);
    expect(found(registry, { b: '2' })).toEqual(['c1', 'c2', 'c3']);
  });
});

describe('a peer under new grants', () => {
  test('hears at once what they let through, and nothing else (R-5.10, R-7.3)', () => {
    const registry = new Registry();
    const peer = follower(registry, [about({ a: ['1', '2', '3'] })], [about({ a: '1' })]);
    const heard = (grants: GrantList): string[] => {
      grant(peer, grants);
      registry.regrant(peer);
      return ['1', '2', '3', '4'].filter((a) => found(registry, { a }).length > 0);
    };
    expect(heard([about({ a: ['2', '4'] })])).toEqual(['2']);
    expect(heard('all')).toEqual(['1', '2', '3']);
    expect(heard([about({ a: '3' })])).toEqual(['3']);
    expect(heard([OTHER])).toEqual([]);
    expect(heard([])).toEqual([]);
    expect(heard([TOPIC])).toEqual(['1', '2', '3']);
    expect(heard([about({ b: '1' }), about({ a: '1' })])).toEqual(['1']);
    expect(registry.stats).toMatchObject({ topics: 1, groups: 1, memberships: 1, sets: 2 });
    registry.remove(peer);
    expect(registry.stats).toMatchObject(EMPTY);
  });

  test('keeps its topics in their order, also one that it may not hear meanwhile, and nobody unwatches it (R-5.4)', () => {
    const unwatched: Topic[] = [];
    const registry = new Registry((topic) => unwatched.push(topic));
    const peer = follower(registry, [OTHER, TOPIC], 'all');
    const pages = (): string[] => peer.memberships.map((membership) => membership.group.topic.page);
    for (const grants of [[TOPIC], [], [OTHER], 'all'] as const) {
      grant(peer, grants);
      registry.regrant(peer);
      expect(pages()).toEqual(['other', 'q']);
      expect(registry.isWatched(OTHER)).toBe(true);
    }
    expect(found(registry, {}, OTHER)).toEqual(['c1']);
    expect(unwatched).toEqual([]);
  });

  test('stays where it is when they say the same of its topics', () => {
    const registry = new Registry();
    const peer = follower(registry, [TOPIC, OTHER], [about({ a: '1' }), OTHER]);
    const { memberships } = peer;
    grant(peer, [about({ a: 1 }), OTHER, { package: 'another', page: 'q' }]);
    registry.regrant(peer);
    expect(peer.memberships.map((one, at) => one === memberships[at])).toEqual([true, true]);
  });

  test.each<[string, readonly Subscription[]]>([
    ['values under a name', [about({ a: '1' }), about({ a: ['2', null] })]],
    ['values below names', [about({ a: { b: '1', c: '2' } }), about({ a: { b: { c: '1' } } })]],
    ['wildcards', [about({ a: true }), about({ b: { c: {} } })]],
    ['several filters', [about({ a: '1', b: ['x', 'y'] }), about({ b: 'z', c: true })]],
    ['a list with true', [about({ a: [true, '7'] })]],
    ['nothing in particular', [about({})]],
    ['what nothing can meet', [about({ a: [] }), about({ b: '1' })]],
    ['own members that objects have anyway', JSON.parse('[{"package":"p","page":"q","filters":{"__proto__":{"toString":"1"}}}]')],
  ])('still wants what it wanted when nobody had been authenticated: %s (R-7.3)', (_, subscriptions) => {
    const registry = new Registry();
    const peer = follower(registry, subscriptions, 'all');
    follower(registry, subscriptions, 'all', 'c2');
    const texts = ['{"a":"1"}', '{"a":null}', '{"a":"2"}', '{"a":{"b":"1","c":"2"}}', '{"a":{"b":{"c":"1"}}}', '{"a":"true"}'];
    const more = ['{"b":{"c":"1"}}', '{"a":"1","b":"y"}', '{"b":"z","c":"1"}', '{"a":"7","b":"1"}', '{"__proto__":"1"}', '{"a":{"b":"1"}}'];
    const given = [...texts, ...more].map((text) => JSON.parse(text) as JsonObject);
    grant(peer, [
      about({ a: true }),
      about({ b: true }),
      ...(JSON.parse('[{"package":"p","page":"q","filters":{"__proto__":true}}]') as Grant[]),
    ]);
    registry.regrant(peer);
    const heard = given.map((filters) => found(registry, filters).join());
    expect(new Set(heard.filter((ids) => ids !== ''))).toEqual(new Set(['c1,c2']));
    grant(peer, 'all');
    registry.regrant(peer);
    expect(registry.stats).toMatchObject({ groups: 1, sets: 0 });
  });
});

describe('the cost of a look-up under grants', () => {
  test('of 10,000 who subscribe to all of a topic, each with a grant for its own user, is that of one (R-7.3)', () => {
    const registry = new Registry();
    for (let user = 0; user < 10_000; user++) follower(registry, [TOPIC], [about({ user })], `c${user}`);
    expect(found(registry, { user: '77' })).toEqual(['c77']);
    expect([candidates(registry, { user: 5 }), candidates(registry, { user: 'nobody' })]).toEqual([1, 0]);
  });

  test('of 10,000 with subscriptions of their own under one broad grant is that of one', () => {
    const registry = new Registry();
    for (let user = 0; user < 10_000; user++) follower(registry, [about({ user })], [about({ tenant: ['x', 'y'] })], `c${user}`);
    expect(found(registry, { user: '77', tenant: 'x' })).toEqual(['c77']);
    expect(found(registry, { user: '77', tenant: 'z' })).toEqual([]);
    expect(candidates(registry, { user: 5, tenant: 'x' })).toBeLessThanOrEqual(2);
    expect(registry.stats.sets).toBe(10_001);
  });

  test('of 10,000 with a few channels each under one broad grant is that of the channels', () => {
    const registry = new Registry();
    for (let user = 0; user < 10_000; user++) {
      follower(registry, [about({ channel: [user % 1000, (user * 7) % 1000, `own ${user}`] })], [about({ tenant: 'x' })], `c${user}`);
    }
    const matching = found(registry, { channel: '5', tenant: 'x' }).length;
    expect(candidates(registry, { channel: '5', tenant: 'x' })).toBeLessThanOrEqual(matching + 30);
  });

  test('counts a comparison with grants that many share once', () => {
    const registry = new Registry();
    let reads = 0;
    for (let user = 0; user < 1000; user++)
      follower(registry, [about({ a: ['1', `own ${user}`] })], [about({ b: 'x', c: 'x' })], `c${user}`);
    const given = (c: string): JsonObject => ({
      a: '1',
      b: 'x',
      get c() {
        reads++;
        return c;
      },
    });
    expect(found(registry, given('y'))).toEqual([]);
    expect(found(registry, given('x'))).toHaveLength(1000);
    expect(reads).toBeLessThanOrEqual(6);
  });

  test('does not let a peer with grants for any topic post more than it may subscribe to', () => {
    const registry = new Registry();
    const users = Array.from({ length: 100 }, (_, at) => `user ${at}`);
    const topics = Array.from({ length: 1000 }, (_, at) => ({ package: 'p', page: at === 0 ? 'q' : `q${at}` }));
    const peer = follower(registry, topics, [{ package: '*', page: '*', filters: { users } }]);
    expect(registry.stats).toMatchObject({ topics: 1000, sets: 2000 });
    // 100 values in each of 1,000 topics would be too many: it waits for anything instead.
    expect(candidates(registry, { other: '1' })).toBe(1);
    expect([found(registry, { users: 'user 7' }), found(registry, { users: 'another' })]).toEqual([['c1'], []]);
    registry.remove(peer);
    expect(registry.stats).toMatchObject(EMPTY);
  });
});

describe('coming and going under grants', () => {
  test('after 1,000 peers have come, were granted something else, changed their minds and gone, nothing is left', () => {
    const registry = new Registry();
    const peers = Array.from({ length: 1000 }, (_, index) => new FakePeer(`c${index}`));
    const grants = (index: number): GrantList =>
      index % 5 === 0
        ? 'all'
        : [about({ a: index % 9 }), about({ a: '1', b: index % 4 }), { package: '*', page: '*', filters: { c: `${index % 7}` } }];
    const wishes = (index: number): Subscription[] => [about({ a: [1, index % 3] }), about({ c: true, a: `${index % 8}` }, OTHER), TOPIC];
    for (const [index, peer] of peers.entries()) {
      grant(peer, grants(index));
      registry.replace(peer, wishes(index));
    }
    for (const [index, peer] of peers.entries()) {
      grant(peer, grants(index + 1));
      registry.regrant(peer);
    }
    for (const [index, peer] of peers.entries()) registry.replace(peer, wishes(index + 2));
    expect(registry.stats.sets).toBeGreaterThan(10);
    for (const peer of peers.sort((one, other) => Number(one.id.at(-1)) - Number(other.id.at(-1)))) registry.remove(peer);
    expect(registry.stats).toMatchObject(EMPTY);
    expect(registry.isWatched(TOPIC) || registry.isWatched(OTHER)).toBe(false);
  });
});
