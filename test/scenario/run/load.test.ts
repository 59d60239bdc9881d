import { describe, expect, it } from 'vitest';
import { integer, record } from '../../../src/document/index.js';
import type { AnyLoadDefinition, LoadDefinition } from '../../../src/scenario/file/load-shape.js';
import type { Case, LoadSite } from '../../../src/scenario/scenario.js';
import { startFakeServer } from './fake-server.js';
import { casesWithLoad, failureOf, outcomeOf, runCases, scenario } from './running.js';

const ALICE = { clients: 'alice: {}' };
const SHAPE = record('A load', { rate: integer('How much', { least: 1 }) });

/** A load that does what the test says; `runs` has what it was called with. */
function watched(answer: (rate: number) => readonly string[] | Promise<readonly string[]> = () => []) {
  const runs: { readonly rate: number; readonly url: string }[] = [];
  const load: LoadDefinition<{ readonly rate: number }> = {
    shape: SHAPE,
    run: async ({ rate }, { url }: LoadSite) => {
      runs.push({ rate, url });
      return answer(rate);
    },
  };
  return { load, runs };
}

const only = (load: AnyLoadDefinition, text: string): readonly Case[] => casesWithLoad(load, [text]);

/** A scenario that is nothing but a load. */
const bare = (id: string, rate = 5) => `id: ${id}\ntitle: It holds\nrule: R-2.3\nlevel: must\nload: { rate: ${rate} }\n`;

describe('the load of a scenario', () => {
  it('is put on the server when the steps have been done', async () => {
    await using server = await startFakeServer();
    const { load, runs } = watched();
    const text = scenario(['ready: alice'], { ...ALICE, more: ['load: { rate: 5 }'] });
    const { results } = await runCases({ cases: only(load, text), server: { url: server.url } });
    expect(results.map(outcomeOf)).toEqual(['passed']);
    expect(runs).toEqual([{ rate: 5, url: `${server.url}/` }]);
  });

  it('needs no steps', async () => {
    await using server = await startFakeServer();
    const { load, runs } = watched();
    const { results } = await runCases({ cases: only(load, bare('a/load')), server: { url: server.url } });
    expect(results.map(outcomeOf)).toEqual(['passed']);
    expect(runs).toHaveLength(1);
  });

  it('is not run when a step has failed', async () => {
    await using server = await startFakeServer();
    const { load, runs } = watched();
    const text = scenario(['notify: { answer: { code: 4400 } }'], { more: ['load: { rate: 5 }'] });
    const { results } = await runCases({ cases: only(load, text), server: { url: server.url } });
    expect(results.map((result) => result.outcome.kind)).toEqual(['failed']);
    expect(runs).toEqual([]);
  });

  it('fails the scenario with its sentences, at its place', async () => {
    await using server = await startFakeServer();
    const { load } = watched(() => ['3 were lost', 'p99 is 61 ms']);
    const { results } = await runCases({ cases: only(load, bare('a/load')), server: { url: server.url } });
    const failure = failureOf(results[0] as NonNullable<(typeof results)[0]>);
    expect(failure).toMatchObject({ message: 'the load: 3 were lost; p99 is 61 ms', place: { line: 5, column: 7 } });
  });

  it('takes its numbers from the row of a matrix', async () => {
    await using server = await startFakeServer();
    const { load, runs } = watched();
    const text = bare('a/load').replace('rate: 5', `rate: "\${rate}"`).replace('load:', 'matrix: [{ rate: 1 }, { rate: 2 }]\nload:');
    await runCases({ cases: only(load, text), server: { url: server.url } });
    expect(runs.map(({ rate }) => rate)).toEqual([1, 2]);
  });

  it('runs alone, when everything else has been run', async () => {
    await using server = await startFakeServer();
    let underWay = 0;
    const seen: number[] = [];
    const order: string[] = [];
    const { load } = watched(async () => {
      seen.push(++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return [];
    });
    const texts = [bare('a/first'), bare('a/second'), ...[1, 2, 3].map((n) => scenario(['ready: alice'], { ...ALICE, id: `a/step-${n}` }))];
    await runCases({
      cases: casesWithLoad(load, texts),
      server: { url: server.url },
      jobs: 8,
      onResult: ({ case: { id } }) => order.push(id),
    });
    expect(seen).toEqual([1, 1]);
    expect(order.slice(-2)).toEqual(['a/first', 'a/second']);
    expect(order).toHaveLength(5);
  });

  it('is told what every connection says, and whom it trusts', async () => {
    await using server = await startFakeServer();
    const sites: LoadSite[] = [];
    const load: LoadDefinition<unknown> = {
      shape: SHAPE,
      run: async (_, site) => {
        sites.push(site);
        return [];
      },
    };
    const headers = { 'X-A': 'b' };
    await runCases({ cases: only(load, bare('a/load')), server: { url: server.url }, headers });
    expect(sites).toMatchObject([{ url: `${server.url}/`, headers, tls: undefined }]);
  });
});
