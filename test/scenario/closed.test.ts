import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { WORDS } from '../../src/commands/test/words.js';
import { loadScenarios } from '../../src/scenario/file/load.js';
import { runSuite } from '../../src/scenario/run/run-suite.js';
import { loadTarget } from '../../src/scenario/run/target.js';
import { startTestBroker } from '../support/broker.js';

const SECRET = 'a secret of as many bytes as HS256 wants';

/** A token that lets its bearer hear and say everything. */
function fullToken(): string {
  const everything = [{ package: '*', page: '*' }];
  const parts = [{ alg: 'HS256' }, { sub: '5', wsn: { subscribe: everything, publish: everything } }];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

test('a broker with authentication on passes what the target "closed" leaves of the suite (R-7.2, R-7.3)', {
  timeout: 60_000,
}, async () => {
  const { cases } = loadScenarios(['scenarios'], WORDS);
  const { target, errors } = loadTarget('scenarios/targets/closed.yaml');
  expect(errors).toEqual([]);
  // Of what stands in one file for many values the first will do: who somebody is does not depend on these.
  const chosen = cases.filter(({ id, load, level }) => !load && level !== 'info' && !/^(?:match|base)\/.*#(?!1$)/.test(id));
  await using broker = await startTestBroker({ authSecret: SECRET });
  const failed: string[] = [];
  const { passed } = await runSuite({
    cases: chosen,
    server: { url: broker.url },
    target,
    jobs: 8,
    repeat: 1,
    bail: false,
    shuffle: false,
    seed: 1,
    stepTimeoutMs: 10_000,
    headers: { Authorization: `Bearer ${fullToken()}` },
    onResult: ({ case: { id }, outcome }) => {
      if (outcome.kind === 'failed') failed.push(`${id}: ${outcome.failure.message}`);
    },
  });
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(500);
});
