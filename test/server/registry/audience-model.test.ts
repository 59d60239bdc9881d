import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Dialect, Subscription } from '../../../src/protocol/index.js';
import { Fanout } from '../../../src/server/fanout.js';
import { Flusher } from '../../../src/server/flusher.js';
import { encodeMessage } from '../../../src/server/frame.js';
import { Registry } from '../../../src/server/registry/registry.js';
import { send } from '../../../src/server/send.js';
import { FakePeer } from '../fake-peer.js';

/** More than are flushed between two looks at the clock, so that a flush is cut into slices. */
const PEERS = 80;
const PAGES = ['a', 'b', 'c'] as const;

/** Sets of subscriptions, by the pages that they follow; the peers of one set share a group in each of its topics. */
const SETS: readonly (readonly (typeof PAGES)[number][])[] = [['a'], ['b'], ['a', 'b'], ['a', 'b', 'c'], []];

type Step =
  | { readonly kind: 'publish'; readonly page: (typeof PAGES)[number] }
  | { readonly kind: 'subscribe'; readonly peer: number; readonly set: number }
  | { readonly kind: 'regrant'; readonly peer: number; readonly set: number }
  | { readonly kind: 'private'; readonly peer: number }
  | { readonly kind: 'end'; readonly peer: number }
  | { readonly kind: 'turn' };

const peerNumber = fc.nat(PEERS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), page: fc.constantFrom(...PAGES) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), peer: peerNumber, set: fc.nat(SETS.length - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('regrant' as const), peer: peerNumber, set: fc.nat(SETS.length - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('private' as const), peer: peerNumber }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), peer: peerNumber }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'turn' }) },
);

/** The broker's way from a notification to sockets, and beside it what each peer has to get, in order. */
class World {
  readonly registry = new Registry();
  readonly flusher = new Flusher({ maxOutboxBytes: 64 * 1024 * 1024, slowReaderTimeoutMs: 10_000 });
  readonly #fanout = new Fanout(this.registry, this.flusher);
  readonly peers: readonly FakePeer[];
  readonly expected: readonly number[][] = Array.from({ length: PEERS }, () => []);
  readonly #sets: (typeof PAGES)[number][][] = [];
  /** The pages of which each peer may hear every other notification; all of any other page. */
  readonly #halved: (readonly (typeof PAGES)[number][])[] = Array.from({ length: PEERS }, () => []);
  #count = 0;

  constructor() {
    this.peers = Array.from({ length: PEERS }, (_, index) => {
      const dialect: Dialect = index % 4 === 0 ? 'v1' : 'base';
      return new FakePeer(`c${index}`, dialect, this.flusher);
    });
    for (let index = 0; index < PEERS; index++) this.#subscribe(index, SETS[0] as (typeof PAGES)[number][]);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const next of steps) {
      if (next.kind === 'turn') await nextTurn();
      else if (next.kind === 'publish') this.#publish(next.page);
      else if (next.kind === 'subscribe') this.#subscribe(next.peer, SETS[next.set] as (typeof PAGES)[number][]);
      else if (next.kind === 'regrant') this.#regrant(next.peer, SETS[next.set] as (typeof PAGES)[number][]);
      else if (next.kind === 'private') this.#private(next.peer);
      else this.#subscribe(next.peer, []);
    }
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    this.flusher.stop();
  }

  #publish(page: (typeof PAGES)[number]): void {
    const number = this.#count++;
    const payload = Buffer.from(JSON.stringify({ number }));
    const filters = { even: `${number % 2 === 0}` };
    this.#fanout.deliver({
      topic: { package: 'p', page },
      filters,
      payload,
      position: { epoch: 'e', offset: number },
      values: 2,
      at: 0,
      sequence: 0,
    });
    for (let index = 0; index < PEERS; index++) {
      const isGranted = number % 2 === 0 || !this.#halved[index]?.includes(page);
      if (isGranted && this.#sets[index]?.includes(page)) this.expected[index]?.push(number);
    }
  }

  #regrant(index: number, halved: readonly (typeof PAGES)[number][]): void {
    const peer = this.peers[index] as FakePeer;
    const grants = PAGES.map((page) => ({ package: 'p', page, filters: halved.includes(page) ? { even: 'true' } : null }));
    peer.access = { subscribe: halved.length === 0 ? 'all' : grants, publish: [] };
    this.registry.regrant(peer);
    this.#halved[index] = halved;
  }

  #subscribe(index: number, set: readonly (typeof PAGES)[number][]): void {
    const subscriptions: Subscription[] = set.map((page) => ({ package: 'p', page }));
    this.registry.replace(this.peers[index] as FakePeer, subscriptions);
    this.#sets[index] = [...set];
  }

  #private(index: number): void {
    const number = this.#count++;
    send(this.peers[index] as FakePeer, encodeMessage({ kind: 'receipt', receipt: receiptOf(number) }));
    this.expected[index]?.push(number);
  }
}

function receiptOf(offset: number): { position: { epoch: string; offset: number }; matched: number; duplicate: boolean } {
  return { position: { epoch: 'e', offset }, matched: 0, duplicate: false };
}

/** The number of a message, wherever it stands. */
function numberOf(text: string): number {
  const message = JSON.parse(text) as { notification?: { number: number }; receipt?: { position: { offset: number } } };
  return (message.notification?.number ?? message.receipt?.position.offset) as number;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  // Each look at the clock finds a slice over, so that every flush of more than a few peers is cut.
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 10;
    return now;
  });
});
afterEach(() => vi.restoreAllMocks());

test('whoever comes, goes, moves between sets or grants, or gets frames of its own meanwhile, everybody gets everything once and in order (R-2.9, R-7.3)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = new World();
      await world.run(steps);
      expect(world.peers.map((peer) => peer.socket.messages.map(numberOf))).toEqual(world.expected);
    }),
    { numRuns: 60 },
  );
});

test('a flush of many is really cut: between two slices peers leave, others come, and frames are added', async () => {
  const world = new World();
  const steps: Step[] = [{ kind: 'publish', page: 'a' }];
  for (let peer = 0; peer < PEERS; peer += 3) {
    steps.push(
      { kind: 'turn' },
      { kind: 'end', peer },
      { kind: 'publish', page: 'a' },
      { kind: 'subscribe', peer: (peer + 40) % PEERS, set: 2 },
    );
  }
  await world.run(steps);
  expect(world.peers.map((peer) => peer.socket.messages.map(numberOf))).toEqual(world.expected);
  expect(world.registry.stats.memberships).toBeGreaterThan(0);
});
