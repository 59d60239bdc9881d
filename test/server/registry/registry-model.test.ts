import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches, type Notification, type Subscription } from '../../../src/protocol/index.js';
import { Registry } from '../../../src/server/registry/registry.js';
import { FakePeer } from '../fake-peer.js';
import { notification, RUNS, set, TOPICS } from './arbitraries.js';
import { membersOf } from './members.js';

const PEERS = 24;

/** What happens to a registry; sets and notifications are given by their place in the world, so that peers share them. */
type Step =
  | { readonly kind: 'replace'; readonly peer: number; readonly set: number }
  | { readonly kind: 'remove'; readonly peer: number }
  | { readonly kind: 'look'; readonly notification: number };

interface World {
  readonly sets: readonly (readonly Subscription[])[];
  readonly notifications: readonly Notification[];
  readonly steps: readonly Step[];
}

const peer = fc.nat(PEERS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('replace' as const), peer, set: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), peer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), notification: fc.nat(5) }) },
);
const world: fc.Arbitrary<World> = fc.record({
  sets: fc.array(set, { minLength: 8, maxLength: 8 }),
  notifications: fc.array(notification, { minLength: 6, maxLength: 6 }),
  steps: fc.array(step, { maxLength: 60 }),
});

/** The registry beside the plainest thing that could stand in its place. */
class Pair {
  readonly registry = new Registry();
  readonly #peers = Array.from({ length: PEERS }, (_, index) => new FakePeer(`c${index}`));
  readonly #model = new Map<number, readonly Subscription[]>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  run(step: Step): void {
    if (step.kind === 'look') this.compare(this.#world.notifications[step.notification] as Notification);
    else if (step.kind === 'remove') {
      this.registry.remove(this.#peers[step.peer] as FakePeer);
      this.#model.delete(step.peer);
    } else {
      const subscriptions = this.#world.sets[step.set] as readonly Subscription[];
      this.registry.replace(this.#peers[step.peer] as FakePeer, subscriptions);
      this.#model.set(step.peer, subscriptions);
    }
  }

  /** Looks `sought` up in both; returns how many peers want it. */
  compare(sought: Notification): number {
    const groups = this.registry.find(sought);
    expect(new Set(groups).size).toBe(groups.length);
    const found = groups.flatMap((group) => membersOf(group).map((member) => member.peer.id)).sort();
    const wanted = [...this.#model].filter(([, subscriptions]) => subscriptions.some((one) => matches(one, sought)));
    expect(found).toEqual(wanted.map(([index]) => `c${index}`).sort());
    return found.length;
  }

  empty(): void {
    for (const one of this.#peers) this.registry.remove(one);
  }
}

test('the index finds exactly the peers that the definition of a match accepts, each once, whatever came and went before (R-2.2, R-2.9, R-3.1, R-3.2, R-3.3)', {
  timeout: 240_000,
}, () => {
  let found = 0;
  let looks = 0;
  fc.assert(
    fc.property(world, (drawn) => {
      const pair = new Pair(drawn);
      for (const one of drawn.steps) pair.run(one);
      for (const sought of drawn.notifications) {
        found += pair.compare(sought);
        looks++;
      }
      pair.empty();
      expect(pair.registry.stats).toMatchObject({ topics: 0, groups: 0, memberships: 0 });
      for (const topic of TOPICS) expect(pair.registry.isWatched(topic)).toBe(false);
    }),
    { numRuns: RUNS },
  );
  // The law says nothing if both sides hardly ever meet, or always do.
  expect(found / (looks * PEERS)).toBeGreaterThan(0.05);
  expect(found / (looks * PEERS)).toBeLessThan(0.8);
});
