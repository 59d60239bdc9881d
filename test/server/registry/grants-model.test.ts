import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Grant,
  type GrantList,
  matches,
  type Notification,
  permits,
  type Subscription,
  type Topic,
} from '../../../src/protocol/index.js';
import { Registry } from '../../../src/server/registry/registry.js';
import { FakePeer } from '../fake-peer.js';
import { notification, set, subscription, TOPICS } from './arbitraries.js';
import { membersOf } from './members.js';

const PEERS = 8;

/** What happens to a registry; lists are given by their place in the world, so that peers share them. */
type Step =
  | { readonly kind: 'replace' | 'regrant'; readonly peer: number; readonly pick: number }
  | { readonly kind: 'remove'; readonly peer: number }
  | { readonly kind: 'look'; readonly pick: number };

interface World {
  readonly sets: readonly (readonly Subscription[])[];
  readonly grants: readonly GrantList[];
  readonly notifications: readonly Notification[];
  readonly steps: readonly Step[];
}

const peer = fc.nat(PEERS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('replace' as const), peer, pick: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('regrant' as const), peer, pick: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), peer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), pick: fc.nat(5) }) },
);

const names: fc.Arbitrary<Partial<Topic>> = fc.constantFrom({}, {}, {}, { package: '*' }, { page: '*' }, { package: '*', page: '*' });
const grant: fc.Arbitrary<Grant> = fc.tuple(subscription, names).map(([shape, topic]) => ({ ...shape, ...topic }));
const grantList: fc.Arbitrary<GrantList> = fc.oneof(
  { weight: 9, arbitrary: fc.array(grant, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant('all' as const) },
);

const world: fc.Arbitrary<World> = fc
  .record({
    sets: fc.array(set, { minLength: 5, maxLength: 5 }),
    grants: fc.array(grantList, { minLength: 4, maxLength: 4 }),
    notifications: fc.array(notification, { minLength: 6, maxLength: 6 }),
    steps: fc.array(step, { minLength: 5, maxLength: 40 }),
  })
  // One list of grants says what a set says, so that some grants keep nothing back.
  .map((drawn) => ({ ...drawn, grants: [...drawn.grants, drawn.sets[0] as readonly Grant[]] }));

/** The registry beside the plainest thing that could stand in its place. */
class Pair {
  readonly registry = new Registry();
  readonly #peers = Array.from({ length: PEERS }, (_, index) => new FakePeer(`c${index}`, index % 2 ? 'v1' : 'base'));
  readonly #model = new Map<FakePeer, readonly Subscription[]>();
  readonly #world: World;

  constructor(drawn: World) {
    this.#world = drawn;
    for (const [index, one] of this.#peers.entries()) this.#grant(one, index);
  }

  /** @returns how many peers a look-up found. */
  run(next: Step): number {
    if (next.kind === 'look') return this.compare(this.#world.notifications[next.pick] as Notification);
    const one = this.#peers[next.peer] as FakePeer;
    if (next.kind === 'remove') {
      this.registry.remove(one);
      this.#model.delete(one);
    } else if (next.kind === 'regrant') {
      this.#grant(one, next.pick);
      this.registry.regrant(one);
    } else {
      const subscriptions = this.#world.sets[next.pick] as readonly Subscription[];
      this.registry.replace(one, subscriptions);
      this.#model.set(one, subscriptions);
    }
    return 0;
  }

  compare(sought: Notification): number {
    const groups = this.registry.find(sought);
    expect(new Set(groups).size).toBe(groups.length);
    const found = groups.flatMap((group) => membersOf(group).map((member) => member.peer.id)).sort();
    const wanted = [...this.#model].filter(
      ([one, subscriptions]) => permits(one.access.subscribe, sought) && subscriptions.some((wish) => matches(wish, sought)),
    );
    expect(found).toEqual(wanted.map(([one]) => one.id).sort());
    return found.length;
  }

  empty(): void {
    for (const one of this.#peers) this.registry.remove(one);
  }

  #grant(one: FakePeer, pick: number): void {
    one.access = { subscribe: this.#world.grants[pick % this.#world.grants.length] as GrantList, publish: [] };
  }
}

test('a notification finds exactly the peers of which a grant and a subscription match it, each once, whatever was subscribed, granted anew and removed before (R-7.3, R-2.9, R-3.2)', {
  timeout: 120_000,
}, () => {
  let found = 0;
  let looks = 0;
  fc.assert(
    fc.property(world, (drawn) => {
      const pair = new Pair(drawn);
      for (const next of drawn.steps) {
        found += pair.run(next);
        looks += Number(next.kind === 'look');
      }
      for (const sought of drawn.notifications) {
        found += pair.compare(sought);
        looks++;
      }
      pair.empty();
      expect(pair.registry.stats).toMatchObject({ topics: 0, groups: 0, memberships: 0, sets: 0 });
      for (const topic of TOPICS) expect(pair.registry.isWatched(topic)).toBe(false);
    }),
    { numRuns: 12_000, seed: 20_261_123 },
  );
  // Each of them for eight peers with grants and subscriptions of their own.
  expect(looks).toBeGreaterThan(50_000);
  // The law says nothing if both sides hardly ever meet, or always do.
  expect(found / (looks * PEERS)).toBeGreaterThan(0.05);
  expect(found / (looks * PEERS)).toBeLessThan(0.8);
});
