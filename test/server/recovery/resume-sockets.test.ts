import process from 'node:process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Subscription } from '../../../src/protocol/index.js';
import { startTestBroker } from '../../support/broker.js';
import { type Client, createClient } from '../../support/one-set-client.js';
import { type Listener, openListener } from './listener.js';

const RUNS = Number(process.env.FC_RUNS ?? 100);
const { FC_SEED, FC_PATH } = process.env;

const LISTENERS = 2;
const PAGES = ['a', 'b'] as const;
const VALUES = ['1', '2', '3'] as const;

type Page = (typeof PAGES)[number];

type Step =
  | { readonly kind: 'publish'; readonly page: Page; readonly value: string; readonly count: number }
  | { readonly kind: 'subscribe'; readonly listener: number; readonly set: readonly Wish[] }
  | { readonly kind: 'cut'; readonly listener: number; readonly isTorn: boolean }
  | { readonly kind: 'mend'; readonly listener: number; readonly bytes: number };

interface Wish {
  readonly page: Page;
  readonly v: string | readonly string[] | undefined;
}

const page = fc.constantFrom(...PAGES);
const listener = fc.nat(LISTENERS - 1);
const v = fc.constantFrom(undefined, '1', ['2', '3']);
const set = fc.uniqueArray(fc.record({ page, v }), { selector: (wish) => wish.page, minLength: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      page,
      value: fc.constantFrom(...VALUES),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), listener, set }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cut' as const), listener, isTorn: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('mend' as const),
      listener,
      bytes: fc.oneof(fc.integer({ min: 300, max: 3000 }), fc.constant(Number.POSITIVE_INFINITY)),
    }),
  },
);

let runs = 0;

/** One run: topics of its own on a broker that serves all runs. */
class Run {
  readonly #name = `run ${++runs}`;
  readonly #listeners: readonly Listener[];
  readonly #publisher: Client;
  #count = 0;

  constructor(listeners: readonly Listener[], publisher: Client) {
    this.#listeners = listeners;
    this.#publisher = publisher;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of this.#listeners) await one.subscribe(this.#subscriptions([{ page: 'a', v: undefined }]));
    for (const one of steps) await this.#act(one);
    for (const one of this.#listeners) await one.mend(Number.POSITIVE_INFINITY);
    // A fence: what is heard twice would have come before it.
    await this.#publish('a', '1', 1);
    await this.#publish('b', '1', 1);
    for (const one of this.#listeners) await one.settled();
  }

  async #act(one: Step): Promise<void> {
    if (one.kind === 'publish') return this.#publish(one.page, one.value, one.count);
    const chosen = this.#listeners[one.listener] as Listener;
    if (one.kind === 'subscribe') return chosen.subscribe(this.#subscriptions(one.set));
    return one.kind === 'cut' ? chosen.cut(one.isTorn) : chosen.mend(one.bytes);
  }

  async #publish(name: Page, value: string, count: number): Promise<void> {
    const receipts: Promise<unknown>[] = [];
    for (let number = 0; number < count; number++) {
      const notification = { package: this.#name, page: name, filters: { v: value }, data: ++this.#count };
      receipts.push(this.#publisher.publish(notification));
      for (const one of this.#listeners) one.published({ page: name, value, data: this.#count });
    }
    await Promise.all(receipts);
  }

  #subscriptions(wishes: readonly Wish[]): readonly Subscription[] {
    return wishes.map(({ page: of, v: values }) => ({
      package: this.#name,
      page: of,
      ...(values === undefined ? {} : { filters: { v: values as string | string[] } }),
    }));
  }
}

test('through lines that break again and again an application hears all that it wants, once and in order (R-5.4, R-2.9)', async () => {
  await using broker = await startTestBroker({ historyNotifications: 1000 });
  await using publisher = createClient({ url: broker.url, WebSocket });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), async (steps) => {
      await using one = await openListener(broker.port);
      await using other = await openListener(broker.port);
      await new Run([one, other], publisher).run(steps);
    }),
    {
      numRuns: RUNS,
      ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
      ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
      endOnFailure: true,
    },
  );
  expect(runs).toBeGreaterThanOrEqual(FC_PATH === undefined ? RUNS : 1);
}, 60_000);
