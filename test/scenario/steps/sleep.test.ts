import { expect, it } from 'vitest';
import { casesOf, runOn, scenario } from '../run/running.js';

it('a sleep waits so long', async () => {
  const { outcome, durationMs } = await runOn({}, ['sleep: { for: 60ms, because: it has to be tested }']);
  expect(outcome.kind).toBe('passed');
  expect(durationMs).toBeGreaterThanOrEqual(55);
});

it('a sleep has to say why', () => {
  expect(() => casesOf(scenario(['sleep: { for: 1ms }']))).toThrow('because');
});
