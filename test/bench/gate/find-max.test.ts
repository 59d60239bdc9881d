import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMaxRate } from '../../../src/bench/gate/find-max.js';
import { randomOf } from '../../../src/bench/plan/random.js';
import type { Trial } from '../../../src/bench/result/find-max-result.js';

type Answer = Trial['outcome'];

interface Search {
  readonly from?: number;
  readonly upTo?: number;
  readonly signal?: AbortSignal;
}

/** A search against a broker that answers like this; `trial` counts from 0. */
function search(
  answer: (rate: number, trial: number) => Answer,
  { from = 100, upTo = 200_000, signal = new AbortController().signal }: Search = {},
) {
  let trials = 0;
  const trial = async (rate: number) => {
    const number = trials++;
    return { rate, outcome: answer(rate, number), because: null, p50Ms: null, p99Ms: null, lost: 0, number };
  };
  return findMaxRate({ from, upTo, trial, signal });
}

/** Answers in this order, each with the rate at which it is to be asked. */
function script(...lines: readonly (readonly [rate: number, answer: Answer])[]): (rate: number, trial: number) => Answer {
  return (rate, trial) => {
    const [expected, answer] = lines[trial] ?? [];
    expect(rate).toBe(expected);
    return answer as Answer;
  };
}

const upToRate =
  (limit: number, beyond: Answer = 'missed') =>
  (rate: number): Answer =>
    rate <= limit ? 'held' : beyond;

describe('findMaxRate', () => {
  it('doubles until a rate misses, halves the gap to 5 %, and tries the answer again', async () => {
    const found = await search(upToRate(1000));
    expect(found.trials.map(({ rate, outcome }) => [rate, outcome])).toEqual([
      [100, 'held'],
      [200, 'held'],
      [400, 'held'],
      [800, 'held'],
      [1600, 'missed'],
      [1130, 'missed'],
      [951, 'held'],
      [1040, 'missed'],
      [995, 'held'],
      [995, 'held'],
    ]);
    expect(found).toMatchObject({ highestRate: 995, limitedBy: 'broker', best: { number: 9 } });
  });

  it('comes near to whatever a steady broker can do, in 16 trials', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: Math.log(199_000), noNaN: true }), async (logarithm) => {
        const limit = Math.exp(logarithm);
        const { highestRate, trials } = await search(upToRate(limit));
        expect(trials.length).toBeLessThanOrEqual(16);
        expect(highestRate as number).toBeLessThanOrEqual(limit);
        // Rates have three digits; far above the first one, trials run out before the gap is narrow.
        expect(highestRate as number).toBeGreaterThan(limit / (limit < 51_200 ? 1.06 : 1.2));
      }),
    );
  });

  it('goes down from a first rate that misses', async () => {
    const { highestRate, trials } = await search(upToRate(30));
    expect(trials.slice(0, 2).map(({ rate }) => rate)).toEqual([100, 25]);
    expect(highestRate).toBeGreaterThan(28);
  });

  it('knows no rate when none holds', async () => {
    const found = await search(() => 'missed');
    expect(found).toMatchObject({ highestRate: null, limitedBy: 'broker', best: null });
    expect(found.trials.at(-1)?.rate).toBe(1);
  });

  it('ends at its own bound, confirmed', async () => {
    const found = await search(() => 'held', { upTo: 500 });
    expect(found.trials.map(({ rate }) => rate)).toEqual([100, 200, 400, 500, 500]);
    expect(found).toMatchObject({ highestRate: 500, limitedBy: 'bound' });
  });

  it('begins at the bound when it is below the first rate', async () => {
    expect((await search(() => 'held', { upTo: 50 })).trials.map(({ rate }) => rate)).toEqual([50, 50]);
  });

  it('makes an invalid trial once more, and goes on when it was chance', async () => {
    const lines = script([100, 'held'], [200, 'invalid'], [200, 'held'], [200, 'held']);
    const found = await search(lines, { upTo: 200 });
    expect(found).toMatchObject({ highestRate: 200, limitedBy: 'bound' });
  });

  it('calls the generator the limit when a rate is invalid twice', async () => {
    const found = await search(upToRate(1000, 'invalid'));
    expect(found).toMatchObject({ highestRate: 995, limitedBy: 'generator' });
    expect(found.trials.filter(({ rate }) => rate === 1600)).toHaveLength(2);
  });

  it('does not believe a rate that held once, and goes on below it', async () => {
    const lines = script(
      [100, 'held'],
      [200, 'held'],
      [400, 'missed'],
      [283, 'held'],
      [336, 'held'],
      [367, 'held'],
      [383, 'held'],
      [383, 'missed'],
      [367, 'held'],
    );
    expect(await search(lines)).toMatchObject({ highestRate: 367, limitedBy: 'broker', best: { number: 8 } });
  });

  it('never answers with a rate at or below which one missed, nor without two that held at it or above', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 8 }), async (seed, noise) => {
        const random = randomOf(seed, 'test');
        const answer = (rate: number): Answer => {
          if (random() < 0.05) return 'invalid';
          return random() < 1 / (1 + (rate / 3000) ** noise) ? 'held' : 'missed';
        };
        const { highestRate, trials, best } = await search(answer);
        expect(trials.length).toBeLessThanOrEqual(16);
        if (highestRate === null) return expect(best).toBeNull();
        const missed = trials.filter(({ rate, outcome }) => outcome === 'missed' && rate <= highestRate);
        const held = trials.filter(({ rate, outcome }) => outcome === 'held' && rate >= highestRate);
        expect(missed).toEqual([]);
        expect(held.length).toBeGreaterThanOrEqual(2);
        expect(best).toMatchObject({ rate: highestRate, outcome: 'held' });
      }),
    );
  });

  it('answers with what is known when it is interrupted, without the trial that was under way', async () => {
    const interruption = new AbortController();
    const answer = (rate: number): Answer => {
      if (rate === 800) interruption.abort();
      return 'held';
    };
    const found = await search(answer, { signal: interruption.signal });
    expect(found.trials.map(({ rate }) => rate)).toEqual([100, 200, 400]);
    expect(found).toMatchObject({ highestRate: 200, limitedBy: 'interrupted', best: { rate: 200 } });
  });

  it('ends with what a trial throws', async () => {
    const answer = () => {
      throw new Error('unreachable');
    };
    await expect(search(answer)).rejects.toThrow('unreachable');
  });
});
