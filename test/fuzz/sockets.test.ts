import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { HandshakeRefused, OPCODE, type PeerOptions, writeFrame } from '../../src/peer/index.js';
import { CLOSE_CODES } from '../../src/protocol/index.js';
import type { Broker, BrokerOptions } from '../../src/server/index.js';
import { dice } from '../server/hostile-messages.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { connect, connectV1, nextData, publish, subscriber } from '../support/peers.js';
import { openRaw } from '../support/raw.js';
import { GOOD_BODIES, GOOD_MESSAGES } from './good-messages.js';
import { mutate, pick, type Roll } from './mutate.js';
import { REPLAY, SEED } from './seed.js';

const CONTROL = { package: 'control', page: 'only' };
const DOCUMENTED = new Set<number>(Object.values(CLOSE_CODES).map(({ code }) => code));
const STATUSES = new Set([101, 200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 422, 426, 429, 431, 500, 501, 503]);
const SECRET = 'a secret of thirty-two bytes or more';
/** How many peers are there at a time. */
const AT_ONCE = 20;

const BROKERS: readonly (readonly [what: string, options: Partial<BrokerOptions>])[] = [
  ['of an open broker', {}],
  ['of a tolerant broker', { tolerant: true }],
  ['of a broker with authentication', { authSecret: SECRET, authQueryToken: true, anonymousSubscribe: 'all', anonymousPublish: 'all' }],
  ['of a broker with grants', { authSecret: SECRET, anonymousSubscribe: [CONTROL], anonymousPublish: [CONTROL] }],
];

/** Frames as a peer might send them, most of them wounded, and now and then the bytes of the frames themselves. */
function frames(roll: Roll, count: number): Buffer {
  const bytes = Buffer.concat(Array.from({ length: count }, () => frame(roll)));
  return roll(4) === 0 ? mutate(bytes, roll) : bytes;
}

function frame(roll: Roll): Buffer {
  const good = pick(GOOD_MESSAGES, roll);
  const payload = roll(5) === 0 ? good : mutate(good, roll);
  if (roll(3) > 0) return writeFrame({ opcode: OPCODE.text, payload });
  const isShort = payload.length <= 125;
  return writeFrame({
    opcode: roll(16),
    payload,
    fin: roll(3) > 0,
    rsv: roll(4) === 0 ? roll(8) : 0,
    mask: roll(8) > 0,
    ...(roll(4) === 0 ? { lengthForm: pick(isShort ? ([7, 16, 64] as const) : ([16, 64] as const), roll) } : {}),
  });
}

/** A request with a body; head and body may be wounded. */
function request(roll: Roll): Buffer {
  const body = roll(3) === 0 ? pick(GOOD_BODIES, roll) : mutate(pick(GOOD_BODIES, roll), roll);
  const credentials = pick(['', '', 'Authorization: Bearer a.b.c\r\n', 'X-Api-Key: k\r\n'], roll);
  const head = Buffer.from(
    `POST /notify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${credentials}Content-Length: ${body.length}\r\n\r\n`,
  );
  return Buffer.concat([roll(3) === 0 ? mutate(head, roll) : head, body]);
}

/** Runs `one` for each number below `count`, some at a time. */
async function inTurns(count: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  const line = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

/** Lets a load loose on a broker; a subscriber beside it must hear all that is its own, in order, and nobody may be left behind. */
async function endure(options: Partial<BrokerOptions>, load: (broker: Broker) => Promise<void>): Promise<void> {
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
  await expect.poll(() => broker.stats(), { timeout: 10_000 }).toMatchObject({ peers: 1, registry: { memberships: 1, topics: 1 } });
  expect(
    log.records.filter(({ level }) => level === 'error'),
    REPLAY,
  ).toEqual([]);
}

/** Sends bytes behind a handshake, then a FIN, and waits for the end. */
async function pour(broker: Broker, options: Partial<PeerOptions>): Promise<void> {
  try {
    const peer = await connect(broker, { ...options, endsAtOnce: true, onMessage: () => {} });
    const { code, reason } = await peer.closed;
    if (!DOCUMENTED.has(code)) throw new Error(`closed with ${code} ${reason} (${REPLAY})`);
  } catch (error) {
    if (!(error instanceof HandshakeRefused)) throw error;
  }
}

describe.each(BROKERS)('wounded input %s', (_, options) => {
  test.each([
    ['base', []],
    ['v1', ['wsn.v1']],
  ] as const)(
    'in 12,000 frames of %s peers leaves nobody behind and another served (R-4.4)',
    { timeout: 60_000 },
    async (_, subprotocols) => {
      const roll = dice(SEED + 3);
      await endure(options, (broker) => inTurns(3000, () => pour(broker, { subprotocols: [...subprotocols], glued: frames(roll, 4) })));
    },
  );

  test('in 4,000 requests leaves nobody behind and another served (R-6.2)', { timeout: 60_000 }, async () => {
    const roll = dice(SEED + 4);
    await endure(options, (broker) =>
      inTurns(1000, async () => {
        await using raw = await openRaw(broker);
        raw.write(Buffer.concat([request(roll), request(roll), request(roll), request(roll)]));
        raw.socket.end();
        if (!raw.socket.destroyed) await once(raw.socket, 'close');
        for (const [, status] of raw.text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) expect(STATUSES, REPLAY).toContain(Number(status));
      }),
    );
  });
});

test('10,000 wounded messages leave a v1 peer connected (R-5.9)', { timeout: 60_000 }, async () => {
  const roll = dice(SEED + 5);
  await endure({}, async (broker) => {
    await using peer = await connectV1(broker, { onMessage: () => {} });
    for (let count = 1; count <= 10_000; count++) {
      // What is not UTF-8 would close it (1007).
      peer.send(Buffer.from(mutate(pick(GOOD_MESSAGES, roll), roll).toString('utf8')));
      if (count % 200 === 0) await peer.barrier();
    }
  });
});
