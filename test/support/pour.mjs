// A process of publishers that pour: `node pour.mjs PORT WAY PUBLISHERS COUNT BYTES`. At the first message from its parent each of them
// writes COUNT notifications of about BYTES as fast as its socket takes them. Tells its parent `ready`, then, when all connections have
// ended, how many notifications were acknowledged. It uses the built library, for what vitest runs cannot be forked.
import { once } from 'node:events';
import { connect } from 'node:net';
import { OPCODE, openPeer, writeFrame } from '../../dist/src/peer/index.js';

const [port, way] = [Number(process.argv[2]), process.argv[3]];
const [publishers, count, bytes] = process.argv.slice(4).map(Number);
const message = 'm'.repeat(bytes);
const host = '127.0.0.1';
const STATUS_LINE = 'HTTP/1.1 200';

/** @param {number} publisher */
function notifications(publisher) {
  const topic = { package: 'amaiia_msg_srv', page: 'messages' };
  return Array.from({ length: count }, (_, index) => ({ ...topic, data: [publisher, index + 1], message }));
}

/** @param {object} notification */
function frameOf(notification) {
  return writeFrame({ opcode: OPCODE.text, payload: JSON.stringify({ sender: 'server', notification }) });
}

/** One connection that stays open. @param {number} publisher @param {Buffer} [behindEach] */
async function byV1(publisher, behindEach = Buffer.alloc(0)) {
  let receipts = 0;
  const stream = Buffer.concat(notifications(publisher).flatMap((notification) => [frameOf(notification), behindEach]));
  const peer = await openPeer({
    host,
    port,
    subprotocols: ['wsn.v1'],
    onMessage(payload) {
      if (payload.includes('"receipt"') && ++receipts === count) void peer.close(1000);
    },
  });
  return async () => {
    peer.bytes(stream);
    await peer.closed;
    return receipts;
  };
}

/** A connection for each notification. @param {number} publisher */
async function byBase(publisher) {
  const frames = notifications(publisher).map(frameOf);
  return async () => {
    let receipts = 0;
    for (const glued of frames) {
      const peer = await openPeer({ host, port, glued });
      if ((await peer.closed).code === 1000) receipts++;
    }
    return receipts;
  };
}

/** Requests on one connection, none of which waits for the answer to the one before. @param {string[]} bodies */
async function byRequests(bodies) {
  const head = 'POST /notify HTTP/1.1\r\nHost: broker.test\r\nContent-Type: application/json\r\n';
  const stream = bodies.map((body) => `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`).join('');
  const socket = connect({ host, port });
  await once(socket, 'connect');
  return async () => {
    let answers = 0;
    let rest = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      // What may be the beginning of another status line is kept for the next chunk.
      const parts = (rest + chunk).split(STATUS_LINE);
      rest = String(parts.at(-1)).slice(1 - STATUS_LINE.length);
      answers += parts.length - 1;
      if (answers === bodies.length) socket.end();
    });
    socket.on('error', () => {});
    socket.write(stream);
    await once(socket, 'close');
    return (answers * count) / bodies.length;
  };
}

/** @type {Record<string, (publisher: number) => Promise<() => Promise<number>>>} */
const WAYS = {
  v1: (publisher) => byV1(publisher),
  pinged: (publisher) => byV1(publisher, writeFrame({ opcode: OPCODE.ping })),
  base: byBase,
  http: (publisher) => byRequests(notifications(publisher).map((notification) => JSON.stringify(notification))),
  list: (publisher) => byRequests([JSON.stringify({ notifications: notifications(publisher) })]),
};

const pours = await Promise.all(Array.from({ length: publishers }, (_, publisher) => WAYS[way](publisher)));
process.send?.('ready');
process.once('message', async () => {
  const receipts = await Promise.all(pours.map((pour) => pour()));
  process.send?.(receipts.reduce((sum, one) => sum + one, 0));
  process.disconnect();
});
