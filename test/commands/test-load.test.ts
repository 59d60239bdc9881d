import { describe, expect, it, vi } from 'vitest';
import { startFaultyBroker } from '../bench/faulty-broker.js';
import { startTestBroker } from '../support/broker.js';
import { runWsn, spawnWsn } from '../support/wsn.js';

/** A load of a hundred deliveries, which no busy machine makes invalid. */
const LOAD = {
  subscribers: 10,
  channels: 2,
  arrivals: { constant: 100 },
  phases: { warmUp: 0, hold: '200ms', drain: '500ms' },
  limits: { lateShare: 1, loopDelay: '10s', busyShare: 1, cpuShare: 1, gcPause: '10s', backlog: '10s' },
  workers: 1,
};

/** A scenario of nothing but a load. JSON is YAML. */
const scenario = (load: object) => JSON.stringify({ id: 'load/light', title: 'It holds', rule: 'R-2.9', level: 'must', load });

const test = (url: string, load: object) => runWsn(['test', '-', '--url', url], { input: scenario(load), timeoutMs: 30_000 });

describe('wsn test of a scenario with a load', () => {
  it('passes where nothing is wrong', async () => {
    await using broker = await startTestBroker();
    const { code, stdout } = await test(broker.url, { ...LOAD, thresholds: ['p50<100s'] });
    expect(stdout).toContain('1 passed');
    expect(code).toBe(0);
  });

  it('fails where a broker loses deliveries, and says how many', async () => {
    const handle = (number: number, text: string) => ({ toReceiver: number % 50 === 0 ? [] : [text] });
    await using broker = await startFaultyBroker({ speaksV1: true, handle });
    const { code, stdout } = await test(broker.url, LOAD);
    expect(stdout).toMatch(/the load: lost is 2/);
    expect(code).toBe(4);
  });

  it('fails where a threshold is missed, at the place of the load', async () => {
    await using broker = await startTestBroker();
    const { code, stdout } = await test(broker.url, { ...LOAD, thresholds: ['throughput>1000000/s'] });
    expect(stdout).toMatch(/-:1:\d+.*the load: throughput is /);
    expect(code).toBe(4);
  });

  it('fails where the run is invalid, and says that this is what it is', async () => {
    await using broker = await startTestBroker();
    const { code, stdout } = await test(broker.url, { ...LOAD, limits: { ...LOAD.limits, busyShare: 0 } });
    expect(stdout).toContain('the load: it is invalid, neither passed nor failed; ');
    expect(code).toBe(4);
  });

  it('fails where the broker takes nothing', async () => {
    await using broker = await startFaultyBroker({ speaksV1: true, refuse: () => 'not you' });
    const { code, stdout } = await test(broker.url, LOAD);
    expect(stdout).toContain('the load: the broker does not take notifications from here: forbidden: not you');
    expect(code).toBe(4);
  });

  it('refuses a load whose members do not fit together, at its place', async () => {
    const { code, stderr } = await test('ws://127.0.0.1:1', { ...LOAD, channels: 11 });
    expect(stderr).toMatch(/^-:1:\d+: 11 `channels` \(--channels\) are more than 10 subscribers can subscribe to/);
    expect(code).toBe(2);
  });

  it('ends soon at SIGINT, while the load is under way', async () => {
    await using broker = await startTestBroker();
    await using running = spawnWsn(['test', '-', '--url', broker.url, '--json']);
    running.stdin.end(scenario({ ...LOAD, phases: { hold: '1h' }, arrivals: { constant: 1 } }));
    await vi.waitFor(() => expect(broker.stats().peers).toBeGreaterThan(10), { timeout: 10_000 });
    running.kill('SIGINT');
    expect((await running.exit).code).toBe(130);
  });
});
