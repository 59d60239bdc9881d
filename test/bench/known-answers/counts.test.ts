import { describe, expect, it } from 'vitest';
import type { Load } from '../../../src/bench/load/load.js';
import type { Measurement } from '../../../src/bench/result/measurement.js';
import type { Counts } from '../../../src/bench/result/result.js';
import { countsOf, holdOf, measureKnown } from './measuring.js';
import type { Ledger } from './start-server.js';

const NOTHING: Partial<Counts> = { lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };

/** Expects that the run says of every delivery what the server knows of it: of all, of the warm-up, and of each channel. */
function expectAgreement(measurement: Measurement, ledger: Ledger): void {
  const hold = holdOf(ledger, measurement);
  const { perSecond, ...deliveries } = measurement.deliveries;
  expect(deliveries).toEqual(countsOf(hold));
  expect(measurement.warmUpDeliveries).toEqual(countsOf(ledger.notifications.filter((entry) => !hold.includes(entry))));
  const channels = [...new Set(hold.map(({ channel }) => channel))].map((channel) => ({
    channel,
    ...countsOf(hold.filter((entry) => entry.channel === channel)),
  }));
  const byChannel = (a: { channel: number }, b: { channel: number }) => a.channel - b.channel;
  expect(measurement.faultyChannels.toSorted(byChannel)).toEqual(channels.filter(isFaulty).sort(byChannel));
  expect(measurement.notifications.refused.count).toBe(hold.filter(({ refused }) => refused).length);
}

function isFaulty({ lost, duplicated, misdelivered, reordered, corrupt }: Counts): boolean {
  return lost + duplicated + misdelivered + reordered + corrupt > 0;
}

const ISSUE = ['--drop-every', '100', '--duplicate-every', '150', '--misdeliver-every', '200'];

describe.concurrent.each([
  ['persistent publishers', ['--v1'], 'persistent'],
  ['ephemeral publishers', [], 'ephemeral'],
  ['publishers over HTTP', [], 'http'],
] as const)('a run with %s', (_, dialect, kind) => {
  const load: Partial<Load> = { publishers: { kind, connections: null } };

  it('finds nothing wrong with a server that does everything right', async () => {
    const { measurement, ledger } = await measureKnown(dialect, load);
    expect(measurement.deliveries).toMatchObject(NOTHING);
    expect(measurement.deliveries.expected).toBe(measurement.notifications.sent * 5);
    expect(measurement.notifications).toMatchObject({ planned: 500, sent: 500, warmUp: 100, unanswered: 0 });
    expect(measurement.connections).toMatchObject({
      wanted: 20,
      connected: 20,
      ready: 20,
      failed: { count: 0 },
      disconnected: { count: 0 },
    });
    expect(measurement.latencyMs.samples).toBe(2500);
    expect(measurement.latenessMs.samples).toBe(500);
    expect(measurement.used.publishers).toBe(kind);
    expectAgreement(measurement, ledger);
  });

  it('counts exactly what was dropped, doubled and given to a wrong subscriber', async () => {
    const { measurement, ledger } = await measureKnown([...dialect, ...ISSUE], load);
    expectAgreement(measurement, ledger);
    for (const fault of ['lost', 'duplicated', 'misdelivered'] as const) expect(measurement.deliveries[fault]).toBeGreaterThan(0);
  });

  it('counts exactly what came with another value', async () => {
    const { measurement, ledger } = await measureKnown([...dialect, '--corrupt-every', '100'], load);
    expectAgreement(measurement, ledger);
    expect(measurement.deliveries.corrupt).toBeGreaterThan(0);
  });

  it('takes other bytes of an equal value as they are', async () => {
    const { measurement, ledger } = await measureKnown([...dialect, '--reencode'], load);
    expectAgreement(measurement, ledger);
    expect(measurement.deliveries).toMatchObject({ expected: 2500, delivered: 2500, ...NOTHING });
  });

  it('counts what was refused, with the reason, and expects no deliveries of it', async () => {
    const { measurement, ledger } = await measureKnown([...dialect, '--refuse-every', '50'], load);
    expectAgreement(measurement, ledger);
    const { count, first } = measurement.notifications.refused;
    expect(count).toBeGreaterThan(5);
    expect(first).toContain('told to refuse it');
    expect(measurement.deliveries.expected).toBe(2500 - 5 * count);
  });

  it('waits until a subscription is in force which nobody acknowledges', async () => {
    const { measurement, ledger } = await measureKnown([...dialect, '--late-subscribe', '500'], load);
    expectAgreement(measurement, ledger);
    expect(measurement.deliveries).toMatchObject({ expected: 2500, delivered: 2500, ...NOTHING });
    expect(measurement.phasesMs.ramp).toBeGreaterThanOrEqual(499);
  });
});

describe.concurrent('a run', () => {
  it('counts exactly what came in another order than one connection sent it', async () => {
    const { measurement, ledger } = await measureKnown(['--v1', '--swap-every', '50']);
    expectAgreement(measurement, ledger);
    expect(measurement.deliveries.reordered).toBeGreaterThan(0);
  });

  it('calls nothing reordered that was still without an answer when the next was sent, each on its own connection', async () => {
    const { measurement, ledger } = await measureKnown(['--swap-every', '50', '--no-ack'], {
      publishers: { kind: 'ephemeral', connections: null },
    });
    const { reordered, ...others } = countsOf(holdOf(ledger, measurement));
    expect(reordered).toBeGreaterThan(0);
    expect(measurement.deliveries).toMatchObject(others);
    expect(measurement.deliveries.reordered).toBeLessThanOrEqual(reordered);
  });

  it('tells that a subscriber was disconnected, and counts as lost what it should have had', async () => {
    const { measurement, ledger } = await measureKnown(['--v1', '--close-subscriber-after', '1000']);
    expectAgreement(measurement, ledger);
    expect(measurement.connections.disconnected).toEqual({ count: 1, first: 'closed with 1011 told to' });
    expect(measurement.deliveries.lost).toBeGreaterThan(0);
    expect(measurement.isBrokerGone).toBe(false);
  });

  it.each([
    ['answers no pings', ['--no-pong']],
    ['closes its publishers without a code', ['--no-ack']],
  ])('can be made against a server that %s', async (_, flags) => {
    const { measurement, ledger } = await measureKnown(flags);
    expectAgreement(measurement, ledger);
    expect(measurement.deliveries).toMatchObject({ expected: 2500, delivered: 2500, ...NOTHING });
  });

  it('knows who is to get what when subscribers want several channels of unequal popularity', async () => {
    const zipf = { kind: 'zipf', exponent: 1.1 } as const;
    const { measurement, ledger } = await measureKnown(['--v1', ...ISSUE], { channels: 10, subscriptions: 3, spread: zipf, traffic: zipf });
    expectAgreement(measurement, ledger);
    expect(measurement.deliveries.misdelivered).toBeGreaterThan(0);
  });

  it('sends the same notifications to the same channels when the seed is the same', async () => {
    const channelsOf = async (seed: number) => {
      const { ledger } = await measureKnown([], { seed });
      return ledger.notifications.toSorted((a, b) => a.index - b.index).map(({ channel }) => channel);
    };
    const first = await channelsOf(7);
    expect(await channelsOf(7)).toEqual(first);
    expect(await channelsOf(8)).not.toEqual(first);
  });
});
