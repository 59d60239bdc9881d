import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { OPCODE, writeFrame } from '../../../src/peer/index.js';
import type { Broker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { publication, subscriptionsText, TOPIC } from '../../support/peers.js';
import { openRaw } from '../../support/raw.js';

/** Says that a message is compressed (RFC 7692 section 6). */
const RSV1 = 4;
/** The code of a close frame. */
const CLOSE_1009 = Buffer.of(1009 >> 8, 1009 & 255);
const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: broker',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Extensions: permessage-deflate',
  '\r\n',
].join('\r\n');

/** Offers compression and compresses whatever it sends. */
async function compressing(broker: Broker): Promise<WebSocket> {
  const socket = new WebSocket(broker.url, ['wsn.v1'], { perMessageDeflate: { threshold: 0 } });
  socket.on('error', () => {});
  await once(socket, 'message');
  return socket;
}

async function nextText(socket: WebSocket): Promise<string> {
  const [data] = await once(socket, 'message');
  return String(data);
}

describe('compression', () => {
  it('is declined by default (R-7.6)', async () => {
    await using broker = await startTestBroker();
    const socket = await compressing(broker);
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  it('is taken from peers where it is allowed, and what the broker sends is not compressed (R-7.6)', async () => {
    await using broker = await startTestBroker({ permessageDeflate: true });
    const socket = await compressing(broker);
    expect(socket.extensions).toBe('permessage-deflate');
    socket.send(subscriptionsText([TOPIC], { id: '1' }));
    expect(await nextText(socket)).toContain('"subscribed"');
    socket.send(publication({ ...TOPIC, message: 'm'.repeat(100_000) }));
    expect(await nextText(socket)).toContain('mmm');
    socket.terminate();
  });

  it('keeps the order of messages, however many come at once (R-2.8)', async () => {
    await using broker = await startTestBroker({ permessageDeflate: true });
    const socket = await compressing(broker);
    const ids: unknown[] = [];
    socket.on('message', (data) => ids.push(JSON.parse(String(data)).id));
    for (let id = 1; id <= 300; id++) socket.send(subscriptionsText([{ ...TOPIC, more: `${id}`.repeat(3000) }], { id: `${id}` }));
    await expect.poll(() => ids.length, { timeout: 5000 }).toBe(300);
    expect(ids).toEqual(Array.from({ length: 300 }, (_, index) => `${index + 1}`));
    socket.terminate();
  });

  it('makes no bomb: what inflates beyond the largest message ends with 1009 (R-7.6)', async () => {
    await using broker = await startTestBroker({ permessageDeflate: true });
    const payload = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const bomb = writeFrame({ opcode: OPCODE.text, rsv: RSV1, payload });
    const { external, heapUsed } = process.memoryUsage();
    const raws = await Promise.all(Array.from({ length: 8 }, () => openRaw(broker)));
    for (const raw of raws) raw.write(HANDSHAKE);
    await Promise.all(raws.map((raw) => raw.waitFor(/^HTTP\/1\.1 101.*permessage-deflate.*\r\n\r\n/s)));
    for (const raw of raws) raw.write(bomb);
    for (const raw of raws) await expect.poll(() => raw.bytes.includes(CLOSE_1009), { timeout: 5000 }).toBe(true);
    const now = process.memoryUsage();
    // Inflated, they would be 512 MiB.
    expect(now.external + now.heapUsed - external - heapUsed).toBeLessThan(64 * 1024 * 1024);
    for (const raw of raws) await raw[Symbol.asyncDispose]();
    await expect.poll(() => broker.stats().peers).toBe(0);
  });
});
