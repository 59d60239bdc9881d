import { once } from 'node:events';
import { expect } from 'vitest';
import { HandshakeRefused, type PeerOptions } from '../../src/peer/index.js';
import { CLOSE_CODES } from '../../src/protocol/index.js';
import type { Broker, BrokerOptions } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { connect, nextData, publish, subscriber } from '../support/peers.js';
import { openRaw } from '../support/raw.js';
import { REPLAY } from './seed.js';

/** What the healthy subscriber beside a load follows. */
export const CONTROL = { package: 'control', page: 'only' };

const DOCUMENTED = new Set<number>(Object.values(CLOSE_CODES).map(({ code }) => code));
const STATUSES = new Set([101, 200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 422, 426, 429, 431, 500, 501, 503]);
/** How many peers are there at a time. */
const AT_ONCE = 20;

/** Runs `one` for each number below `count`, some at a time. */
export async function inTurns(count: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  const line = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

/**
 * Lets a load loose on a broker: a subscriber beside it must hear all that is its own, in order; nobody and no place may
 * be left behind; and nothing of `secrets` may be in the log.
 */
export async function endure(
  options: Partial<BrokerOptions>,
  load: (broker: Broker) => Promise<void>,
  secrets: readonly string[] = [],
): Promise<void> {
  const log = recordingLog();
  await using broker = await startTestBroker({ ...options, log, maxMessageBytes: 64 * 1024 });
  await using control = await subscriber(broker, [CONTROL]);
  let isOver = false;
  let told = 0;
  const telling = (async () => {
    while (!isOver) {
      await publish(broker, { ...CONTROL, data: ++told });
      expect(await nextData(control)).toBe(told);
    }
  })();
  await load(broker);
  isOver = true;
  await telling;
  expect(told).toBeGreaterThan(0);
  const alone = { peers: 1, registry: { memberships: 1, topics: 1 }, limits: { connections: 1, addresses: 1 } };
  await expect.poll(() => broker.stats(), { timeout: 10_000 }).toMatchObject(alone);
  const bugs = log.records.filter(({ level }) => level === 'error');
  expect(bugs, REPLAY).toEqual([]);
  const lines = JSON.stringify(log.records);
  for (const secret of secrets) expect(lines.includes(secret), `${secret} in the log (${REPLAY})`).toBe(false);
}

/** Sends bytes behind a handshake, then a FIN, and waits for the end. Tells whether it was let in. */
export async function pour(broker: Broker, options: Partial<PeerOptions>): Promise<boolean> {
  try {
    const peer = await connect(broker, { ...options, endsAtOnce: true, onMessage: () => {} });
    const { code, reason } = await peer.closed;
    if (!DOCUMENTED.has(code) && !isSentIn(options.glued, code, reason)) throw new Error(`closed with ${code} ${reason} (${REPLAY})`);
    return true;
  } catch (error) {
    if (!(error instanceof HandshakeRefused)) throw error;
    expect(STATUSES, REPLAY).toContain(error.status);
    return false;
  }
}

/** Whether a close with this code and reason stands in what a peer has sent: it is answered with the same (RFC 6455 section 5.5.1). */
function isSentIn(sent: Uint8Array | undefined, code: number, reason: string): boolean {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
  // The four bytes before a payload are its mask (RFC 6455 section 5.2).
  return (sent ?? new Uint8Array()).some(
    (_, at) => at >= 4 && payload.every((byte, index) => ((sent?.[at + index] ?? 0) ^ (sent?.[at - 4 + (index % 4)] ?? 0)) === byte),
  );
}

/** Sends requests one behind the other on one connection, then a FIN; the statuses that came back. */
export async function pipeline(broker: Broker, requests: readonly Buffer[]): Promise<number[]> {
  await using raw = await openRaw(broker);
  raw.write(Buffer.concat(requests));
  raw.socket.end();
  if (!raw.socket.destroyed) await once(raw.socket, 'close');
  const statuses = [...raw.text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  for (const status of statuses) expect(STATUSES, REPLAY).toContain(status);
  return statuses;
}
