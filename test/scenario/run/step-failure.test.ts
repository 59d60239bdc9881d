import { describe, expect, it } from 'vitest';
import { StepFailure } from '../../../src/scenario/run/step-failure.js';
import { failureOf, lineOf, outcomeOf, runOn } from './running.js';

const ALICE = { clients: 'alice: {}', stepTimeoutMs: 200 };

describe('the failure of a step', () => {
  it('is told in one line, whatever a server has said', async () => {
    const steps = ['connect: alice', 'expect-close: { client: alice, code: 1000 }'];
    const result = await runOn({ opened: (connection) => connection.close(4000, 'bad\r\nfile.yaml:1:1: passed') }, steps, ALICE);
    expect(outcomeOf(result)).toBe('alice was closed with 4000 "bad\\r\\nfile.yaml:1:1: passed", expected 1000');
  });

  it('tells the close frame that came instead of what is waited for', async () => {
    const steps = ['connect: alice', 'ready: alice'];
    const result = await runOn({ opened: (connection) => connection.close(4000, 'bad'), closed: () => {}, ping: () => {} }, steps, ALICE);
    expect(outcomeOf(result)).toBe('alice waits for the pong of its ping: the connection was closed with 4000 bad');
  });

  it('keeps the beginning of what came, and says how much more there is', () => {
    const { actual, expected } = new StepFailure('no', { actual: 'x\n'.repeat(1000), expected: 'y'.repeat(5000) });
    expect(actual.split('\n')).toHaveLength(21);
    expect(actual).toMatch(/\n… and 981 more$/);
    expect(expected).toBe(`${'y'.repeat(1000)}… (5000 characters)`);
  });

  it('shows a message that is nested deeper than can be written', async () => {
    const deep = `{"sender":"server","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const steps = ['connect: alice', 'expect: { client: alice, message: { x: 1 } }'];
    const failure = failureOf(await runOn({ opened: (connection) => connection.text(deep) }, steps, ALICE));
    expect(failure).toMatchObject({ message: 'alice did not receive a message: within 200 ms', place: { line: lineOf(2) } });
    expect(failure.actual.length).toBeLessThan(1100);
  });
});
