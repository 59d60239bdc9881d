import { describe, expect, it } from 'vitest';
import { startBrokerProcess } from '../../src/bench/broker-process.js';
import type { Load, PlannedFault } from '../../src/bench/load/load.js';
import { startTestBroker } from '../support/broker.js';
import { WSN } from '../support/wsn.js';
import { measure, SHORT_LOAD } from './known-answers/measuring.js';

const RESTART: PlannedFault = { kind: 'restart', firstMs: 700, everyMs: null, forMs: 100, signal: 'SIGKILL' };
const LOAD: Partial<Load> = { protocol: 'v1', phases: { ...SHORT_LOAD.phases, holdMs: 2000, drainMs: 500 }, faults: [RESTART] };

function serve(port: number): string[] {
  return [process.execPath, WSN, 'serve', '--host', '127.0.0.1', '--port', String(port), '--log-level', 'error', '--log-format', 'json'];
}

describe('a run that restarts its broker', () => {
  it('goes on when the broker is back, and knows that what it forgot with its memory was said to be lost', async () => {
    await using broker = await startBrokerProcess(serve);
    const { deliveries, recovery, notifications, connections, isBrokerGone } = await measure(broker.url, LOAD, { broker });
    expect(isBrokerGone).toBe(false);
    expect(recovery).toMatchObject({ restarts: 1, cut: 0, resumed: 0, unresumed: 20, recovered: 0, repeated: 0 });
    expect(notifications).toMatchObject({ refused: { count: 0 }, unknown: { count: 0 }, unanswered: 0 });
    expect(recovery?.unsent).toBeGreaterThan(0);
    expect(notifications.sent).toBe(notifications.planned - (recovery?.unsent ?? 0));
    expect(deliveries.expected).toBe(5 * (notifications.sent - (recovery?.cutOff ?? 0)));
    expect(deliveries).toMatchObject({ lost: 0, duplicated: 0, misdelivered: 0, corrupt: 0 });
    expect(deliveries.delivered).toBe(deliveries.expected - (recovery?.unrecovered ?? 0));
    expect(connections).toMatchObject({ connected: 20, disconnected: { count: 0 } });
  });

  it('is refused where the broker is none of its own', async () => {
    await using broker = await startTestBroker();
    await expect(measure(broker.url, LOAD)).rejects.toMatchObject({
      kind: 'usage',
      message: 'a fault of kind restart (--faults) needs a broker that wsn bench starts itself: leave out --url',
    });
  });
});
