import process from 'node:process';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Entry } from '../../src/server/entry.js';
import { History, type HistoryLimits } from '../../src/server/history.js';

const RUNS = process.env.CI ? 10_000 : 1_000;
const TOPICS = ['a', 'b', 'c'].map((page) => ({ package: 'p', page }));

type Step =
  | { readonly kind: 'add'; readonly topic: number; readonly bytes: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'since'; readonly topic: number; readonly back: number }
  | { readonly kind: 'open'; readonly topic: number }
  | { readonly kind: 'sweep' };

const topic = fc.nat(TOPICS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('add' as const), topic, bytes: fc.nat(500) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(60) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('since' as const), topic, back: fc.integer({ min: -1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('open' as const), topic }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'sweep' as const }) },
);
const limits: fc.Arbitrary<HistoryLimits> = fc.record({
  historyNotifications: fc.nat(15),
  historyAgeMs: fc.nat(400),
  historyBytes: fc.nat(20_000),
});

/** The plainest history: one array of everything, searched from end to end. */
class Model {
  kept: Entry[] = [];
  readonly heads = TOPICS.map(() => ({ epoch: '0', offset: 0 }));
  readonly #limits: HistoryLimits;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.kept.reduce((sum, entry) => sum + entry.payload.length * 2 + 400, 0);
  }

  of(index: number): Entry[] {
    return this.kept.filter((entry) => entry.topic === TOPICS[index]);
  }

  add(index: number, entry: Entry): void {
    this.heads[index] = entry.position;
    this.kept.push(entry);
    if (this.of(index).length > this.#limits.historyNotifications) this.kept.splice(this.kept.indexOf(this.of(index)[0] as Entry), 1);
    this.trim();
  }

  trim(): void {
    this.kept = this.kept.filter((entry) => performance.now() - entry.at <= this.#limits.historyAgeMs);
    while (this.bytes > this.#limits.historyBytes) this.kept.shift();
  }

  open(index: number, position: { epoch: string; offset: number }): void {
    this.kept = this.kept.filter((entry) => entry.topic !== TOPICS[index]);
    this.heads[index] = position;
  }

  since(index: number, offset: number): readonly Entry[] | 'gone' {
    const { offset: head } = this.heads[index] as { offset: number };
    if (offset > head) return 'gone';
    this.trim();
    const after = this.of(index).filter((entry) => entry.position.offset > offset);
    return after.length < head - offset ? 'gone' : after;
  }
}

function run(history: History, model: Model, step: Step): void {
  if (step.kind === 'wait') vi.advanceTimersByTime(step.ms);
  else if (step.kind === 'sweep') {
    // Somebody watches, so that the sweep forgets no topic: when it does is told in `history.test`.
    history.sweep(() => true);
    model.trim();
  } else {
    const { topic: index } = step;
    const name = TOPICS[index] as (typeof TOPICS)[number];
    const { epoch, offset } = model.heads[index] as { epoch: string; offset: number };
    if (step.kind === 'open') {
      const position = { epoch: `${epoch}'`, offset: offset % 3 };
      history.open(name, position);
      model.open(index, position);
    } else if (step.kind === 'since') {
      const from = Math.max(0, offset - step.back);
      expect(history.since(name, { epoch, offset: from })).toEqual(model.since(index, from));
    } else {
      const position = { epoch, offset: offset + 1 };
      const entry: Entry = {
        topic: name,
        filters: {},
        payload: Buffer.alloc(step.bytes),
        position,
        values: 1,
        at: performance.now(),
        sequence: 0,
      };
      history.add(entry);
      model.add(index, entry);
    }
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

test('keeps, counts and answers what one long array would, and counts nothing in the end (R-5.4)', () => {
  let answered = 0;
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 20, maxLength: 80 }), (bounds, steps) => {
      const history = new History(bounds);
      const model = new Model(bounds);
      for (const [index, name] of TOPICS.entries()) history.open(name, model.heads[index] as { epoch: string; offset: number });
      for (const one of steps) {
        run(history, model, one);
        expect(history.stats).toMatchObject({ topics: TOPICS.length, notifications: model.kept.length, bytes: model.bytes });
        for (const [index, name] of TOPICS.entries()) expect(history.head(name)).toEqual(model.heads[index]);
        if (one.kind === 'since' && model.of(one.topic).length > 0) answered++;
      }
      vi.advanceTimersByTime(401);
      history.sweep(() => false);
      history.sweep(() => false);
      expect(history.stats).toMatchObject({ notifications: 0, bytes: 0 });
    }),
    { numRuns: RUNS },
  );
  expect(answered).toBeGreaterThan(RUNS);
}, 240_000);
