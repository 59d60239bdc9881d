import { afterEach, describe, expect, it } from 'vitest';
import type { Broker, BrokerOptions, Log } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { Flood } from './flood.js';
import { keptBytes } from './memory.js';
import { type Measured, Stream } from './stream.js';

/** What other work on a shared machine of two cores does to a 99th percentile, with or without a flood; a broker that bounds nothing shows seconds. */
const NOISE_MS = 100;
const WINDOW_MS = 1000;
/** A machine that is busy with something else may spoil one; a flood that is not bounded spoils all. */
const MOST_WINDOWS = 5;
const PEERS_OF_THE_STREAM = 2;
/** What the test itself and the compiler keep meanwhile; half a message of each of fifty peers is more. */
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * A peer that has read no answer dies with a reset, and what it sent is gone with it. Of these the broker reads to the end
 * what the system holds, in its own time: of fifty that is more than a test should wait for.
 */
const UNANSWERED = ['pongs', 'tiny fragments', 'empty fragments'];

const reports: string[] = [];
afterEach(() => {
  if (process.env.WSN_SHOW_FLOODS) process.stdout.write(`${reports.splice(0).join('\n')}\n`);
});

function expectWhole({ sent, received }: Measured): void {
  expect(received).toEqual(Array.from({ length: sent }, (_, index) => index));
}

interface Attack {
  readonly kind: string;
  readonly connections: number;
  readonly options?: Partial<BrokerOptions>;
  /** Proves that the flood has reached the broker, where its connections alone do not. */
  readonly isFelt?: (broker: Broker) => boolean;
  /** With which code the broker refuses what is poured into it. */
  readonly refusal?: string | undefined;
}

/** A log that keeps nothing but the codes with which messages are refused. */
class RefusalLog implements Log {
  readonly codes = new Set<string>();
  debug() {}
  info() {}
  warn({ code }: { readonly code?: string }) {
    if (code !== undefined) this.codes.add(code);
  }
  error() {}
}

/** Floods a broker beside a stream: nothing of it is lost, it stays as quick, and nothing is left of the flood. */
async function withstand({ kind, connections, options = {}, isFelt, refusal }: Attack): Promise<void> {
  const log = new RefusalLog();
  await using broker = await startTestBroker({ ...options, log });
  await using stream = await Stream.open(broker);
  await stream.measure(300);
  const before = await stream.measure(WINDOW_MS);
  const most = Math.max(2 * before.p99, NOISE_MS);
  const keptBefore = keptBytes();
  const during: number[] = [];
  {
    await using flood = await Flood.begin(broker, kind, connections);
    expect(flood.connections).toBe(connections);
    if (isFelt) await expect.poll(() => isFelt(broker), { timeout: 5000 }).toBe(true);
    if (refusal) await expect.poll(() => [...log.codes], { timeout: 5000 }).toEqual([refusal]);
    do {
      const window = await stream.measure(WINDOW_MS);
      expectWhole(window);
      during.push(window.p99);
    } while (Math.min(...during) > most && during.length < MOST_WINDOWS);
  }
  reports.push(`${kind}, ${connections}: p99 ${before.p99.toFixed(1)} ms before, ${Math.min(...during).toFixed(1)} ms during`);
  expect(Math.min(...during)).toBeLessThanOrEqual(most);
  if (connections === 1 || !UNANSWERED.includes(kind)) {
    const left = { peers: PEERS_OF_THE_STREAM, registry: { memberships: 1 }, limits: { connections: PEERS_OF_THE_STREAM } };
    await expect.poll(() => broker.stats(), { timeout: 5000 }).toMatchObject(left);
    await expect.poll(() => keptBytes() - keptBefore, { timeout: 5000 }).toBeLessThan(KEPT_BYTES);
  }
  expectWhole(await stream.measure(200));
}

const hasMore = (broker: Broker): boolean => broker.stats().connections > PEERS_OF_THE_STREAM;

describe('a healthy subscriber and publisher beside a flood lose nothing and wait no longer (R-7.6)', { timeout: 20_000 }, () => {
  it.each([
    ['pings'],
    ['sparse pings'],
    ['pongs'],
    ['empty frames', 'invalid-message'],
    ['tiny fragments'],
    ['empty fragments'],
    ['tiny messages', 'invalid-message'],
    ['tiny subscriptions'],
    ['forbidden publications', 'forbidden'],
    ['junk', 'invalid-message'],
    ['brackets', 'invalid-message'],
    ['huge subscriptions'],
  ])('of %s, from one peer and from fifty', async (kind: string, refusal?: string) => {
    await withstand({ kind, connections: 1, isFelt: hasMore, refusal });
    await withstand({ kind, connections: 50, isFelt: hasMore, refusal });
  });

  it('of connections that say nothing', () => withstand({ kind: 'connections', connections: 100 }));

  it('of handshakes', () => withstand({ kind: 'handshakes', connections: 50, isFelt: (broker) => broker.stats().connections > 100 }));

  it('of request heads that drip', () => withstand({ kind: 'slow heads', connections: 300, options: { handshakeTimeoutMs: 500 } }));

  it('of bodies that drip', () => withstand({ kind: 'slow bodies', connections: 300 }));

  it('of peers that never say anything again', () =>
    withstand({
      kind: 'half-open peers',
      connections: 100,
      options: { pingIntervalMs: 200 },
      isFelt: (broker) => broker.stats().silent > 0,
    }));
});
