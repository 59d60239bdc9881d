import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/bench/gate/judge.js';
import { EXIT } from '../../../src/commands/exit/exit-codes.js';
import { spawnWsn } from '../../support/wsn.js';
import { measure, SHORT_LOAD } from './measuring.js';
import { startServer } from './start-server.js';

const PHASES = { ...SHORT_LOAD.phases, holdMs: 2000 };

describe('a generator that is held up', () => {
  it.each(['receiver 0', 'publisher'])('is why a run is invalid: %s stands still for 300 ms', async (thread) => {
    await using server = await startServer(['--v1']);
    const measurement = await measure(server.url, { phases: PHASES }, { stall: { thread, atMs: 1000, forMs: 300 } });
    const { verdict, because } = judge(measurement, { thresholds: [], regress: [], baseline: null });
    expect(verdict).toBe('invalid');
    expect(because.join('\n')).toMatch(/event loop/);
    const check = measurement.generator.checks.find(({ limit }) => limit === 'loopDelayMs');
    expect(check).toMatchObject({ isPast: true, bound: 200 });
    expect(check?.measured).toBeGreaterThanOrEqual(290);
    // What came or was to leave meanwhile shows it as well: nothing is hidden.
    expect(measurement.latencyMs.max).toBeGreaterThanOrEqual(250);
    expect(measurement.deliveries).toMatchObject({ expected: 5000, delivered: 5000 });
  });

  it('is why a run is invalid when it stands still behind the hold, while deliveries of the hold still come', async () => {
    await using server = await startServer(['--v1', '--delay', '600']);
    const stall = { thread: 'receiver 0', atMs: PHASES.warmUpMs + PHASES.holdMs + 200, forMs: 300 };
    const { generator, latencyMs } = await measure(server.url, { phases: PHASES }, { stall });
    expect(latencyMs.max).toBeGreaterThanOrEqual(850);
    expect(generator.checks.find(({ limit }) => limit === 'loopDelayMs')).toMatchObject({ isPast: true });
  });

  it('is no reason when it stood still before the hold', async () => {
    await using server = await startServer(['--v1']);
    const phases = { ...PHASES, warmUpMs: 2000 };
    const measurement = await measure(server.url, { phases }, { stall: { thread: 'receiver 0', atMs: 300, forMs: 1000 } });
    expect(measurement.generator.checks.find(({ limit }) => limit === 'loopDelayMs')?.measured).toBeLessThan(900);
  });

  it('makes the command end with 7 when all of it was stopped for 400 ms in the hold', async () => {
    await using server = await startServer(['--v1']);
    const load = ['--subscribers', '10', '--channels', '2', '--rate', '100', '--warm-up', '100ms', '--duration', '3s', '--drain', '1s'];
    await using running = spawnWsn(['bench', '--url', server.url, ...load]);
    await running.waitFor(/hold/, 'stderr');
    running.kill('SIGSTOP');
    await sleep(400);
    running.kill('SIGCONT');
    const { code, stdout, stderr } = await running.exit;
    expect(code, stdout + stderr).toBe(EXIT.invalid);
    expect(stdout).toMatch(/invalid/);
  });
});
