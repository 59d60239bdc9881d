import { describe, expect, it } from 'vitest';
import type { Load, PlannedFault } from '../../../src/bench/load/load.js';
import { type Mistake, startResumingBroker } from '../resuming-broker.js';
import { measure, SHORT_LOAD } from './measuring.js';

const MISTAKES: readonly (Mistake | undefined)[] = [undefined, 'loses', 'repeats', 'duplicates', 'skips', 'lies', 'trims'];

/** Each subscriber has a channel of its own, so that the broker knows whom it serves. */
const ALONE: Partial<Load> = {
  subscribers: 21,
  channels: 21,
  protocol: 'v1',
  arrivals: { kind: 'constant', rate: 1000 },
  phases: { ...SHORT_LOAD.phases, warmUpMs: 0, holdMs: 900, drainMs: 300 },
};

/** Nobody is hit twice: what becomes of a resume that breaks off depends on how quick the machine is. */
const ONCE: PlannedFault = { kind: 'cut', firstMs: 200, everyMs: null, share: 1, forMs: 250 };
const AGAIN: PlannedFault = { kind: 'cut', firstMs: 50, everyMs: 300, share: 0.6, forMs: 150 };
const HALF_OPEN: PlannedFault = { kind: 'half-open', firstMs: 300, everyMs: null, share: 0.2, forMs: 150 };

describe('what is lost by faults', () => {
  it('is nothing where the broker replays all that was missed, and the replays are no latency of its', async () => {
    await using broker = await startResumingBroker(() => undefined);
    const { deliveries, recovery, connections, latencyMs, slowest } = await measure(broker.url, { ...ALONE, faults: [AGAIN, HALF_OPEN] });
    expect(deliveries).toMatchObject({ expected: 900, delivered: 900, lost: 0, duplicated: 0, reordered: 0, corrupt: 0 });
    expect(recovery).toMatchObject({ restarts: 0, unresumed: 0, unrecovered: 0, repeated: 0, unsent: 0, cutOff: 0 });
    for (const count of [recovery?.cut, recovery?.halfOpen, recovery?.resumed, recovery?.recovered]) expect(count).toBeGreaterThan(0);
    expect(recovery?.recovered).toBe(broker.ledger.recovered.size);
    expect(latencyMs.samples + (recovery?.latencyMs.samples ?? 0)).toBe(900);
    expect(slowest.every(({ notification }) => !broker.ledger.recovered.has(notification))).toBe(true);
    expect(recovery?.resumeMs.samples).toBe(recovery?.resumed);
    expect(connections).toMatchObject({ connected: 21, disconnected: { count: 0 } });
  });

  it('is what the broker knows that it did wrong', async () => {
    await using broker = await startResumingBroker((channel) => MISTAKES[channel % MISTAKES.length]);
    const { deliveries, recovery, faultyChannels } = await measure(broker.url, { ...ALONE, faults: [ONCE] });
    const { recovered, lost, unrecovered, repeated, duplicated } = broker.ledger;
    expect(recovery).toMatchObject({ cut: 21, recovered: recovered.size, unrecovered: unrecovered.size, repeated });
    expect(deliveries).toMatchObject({ expected: 900, lost: lost.size, duplicated, misdelivered: 0, reordered: 0, corrupt: 0 });
    expect(deliveries.delivered).toBe(900 - lost.size - unrecovered.size);
    for (const count of [recovered.size, lost.size, unrecovered.size, repeated, duplicated]) expect(count).toBeGreaterThan(0);
    const faults = new Set(faultyChannels.map(({ channel }) => MISTAKES[channel % MISTAKES.length]));
    expect([...faults].toSorted()).toEqual(['duplicates', 'lies', 'loses', 'skips']);
  });

  it('is told of where the epoch is a new one, to those who were there and to those who were not', async () => {
    await using broker = await startResumingBroker(() => undefined, { newEpoch: true });
    const { deliveries, recovery } = await measure(broker.url, { ...ALONE, faults: [{ ...ONCE, share: 0.6 }] });
    const { unrecovered } = broker.ledger;
    expect(recovery).toMatchObject({ unrecovered: unrecovered.size, repeated: 0 });
    expect(unrecovered.size).toBeGreaterThan(0);
    expect(deliveries).toMatchObject({ expected: 900, delivered: 900 - unrecovered.size, lost: 0, duplicated: 0, misdelivered: 0 });
  });
});
