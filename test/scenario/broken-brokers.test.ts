import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadScenarios } from '../../src/scenario/file/load.js';
import { runSuite } from '../../src/scenario/run/run-suite.js';
import type { Case } from '../../src/scenario/scenario.js';
import { STEPS } from '../../src/scenario/steps/index.js';

/** A broker that was written from the protocol alone, and makes mistakes on demand. */
const REFERENCE = 'node test/broken/reference.mjs {port} {options}';

/** Mistake → a scenario that catches it; written by test/broken/find-catchers.mjs, which tries each of them. */
const caughtBy: Readonly<Record<string, string>> = JSON.parse(readFileSync('test/broken/caught-by.json', 'utf8'));

/** Each fourth of them, lest this take minutes; find-catchers.mjs tries all. */
const tried = Object.entries(caughtBy).filter((_, index) => index % 4 === 0);

/** Built, because the threads of a load are files of JavaScript; `npm test` builds them first. */
const { WORDS } = (await import(
  new URL('../../dist/src/commands/test/words.js', import.meta.url).href
)) as typeof import('../../src/commands/test/words.js');

const { cases } = loadScenarios(['scenarios'], { ...WORDS, steps: STEPS });

/** What its operator may set: it trusts no proxies, limits no rates and knows no schemas. */
const options: readonly string[] = JSON.parse(readFileSync('test/broken/options.json', 'utf8'));
const binding = cases.filter(
  ({ level, server }) => level !== 'info' && Object.keys(server ?? {}).every((option) => options.includes(option)),
);

describe('a broker that somebody else wrote', () => {
  it('passes every scenario that binds, if it makes no mistake', { timeout: 120_000 }, async () => {
    const failed = await failuresOf(REFERENCE, { cases: binding, bail: false, stepTimeoutMs: 10_000 });
    expect(failed).toEqual([]);
  });
});

describe.concurrent('a broker with a mistake', () => {
  it.each(tried)('that is called %s is caught by %s', async (mistake, scenario) => {
    const catching = binding.filter((one) => one.scenario === scenario);
    // With a heartbeat of its own a scenario waits for seconds by right.
    const stepTimeoutMs = catching.some(({ server }) => server) ? 5000 : 1000;
    const failed = await failuresOf(`${REFERENCE} --break ${mistake}`, { cases: catching, bail: true, stepTimeoutMs });
    expect(failed).not.toEqual([]);
  });
});

/** The ids of the cases that fail on the server of a command. */
async function failuresOf(
  command: string,
  { cases: chosen, bail, stepTimeoutMs }: { cases: readonly Case[]; bail: boolean; stepTimeoutMs: number },
): Promise<string[]> {
  const failed: string[] = [];
  await runSuite({
    cases: chosen,
    server: { command },
    jobs: 8,
    repeat: 1,
    bail,
    shuffle: false,
    seed: 1,
    stepTimeoutMs,
    headers: {},
    onResult: ({ case: { id }, outcome }) => {
      if (outcome.kind === 'failed') failed.push(`${id}: ${outcome.failure.message}`);
    },
  });
  return failed;
}
