// A process that floods a broker: `node attack.mjs PORT KIND CONNECTIONS`. It begins at once, opens again whatever is closed, and goes on
// until it is killed. When all of them have been tried once it tells on how many it has begun.
import { randomFillSync } from 'node:crypto';
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';

// An attacker has a machine of its own: what it takes of this one's time would only disturb the measure.
setPriority(constants.priority.PRIORITY_LOW);

const [port, kind, most] = [Number(process.argv[2]), String(process.argv[3]), Number(process.argv[4])];
const KIB = 1024;
const MASK = Buffer.from([1, 2, 3, 4]);
const OPENING = [
  'GET / HTTP/1.1',
  'Host: broker',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: wsn.v1',
  // Who comes through a proxy may not publish.
  ...(kind === 'forbidden publications' ? ['X-Forwarded-For: 192.0.2.1'] : []),
  '\r\n',
].join('\r\n');

/** One masked frame. @param {number} first its first byte @param {string | Buffer} [payload] */
function frame(first, payload = '') {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  for (let index = 0; index < length; index++) bytes[index] ^= MASK[index % 4];
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, MASK, bytes]);
}

/** So many bytes, about, of the same frames. @param {Buffer} one */
function many(one, bytes = 256 * KIB) {
  return Buffer.concat(Array(Math.ceil(bytes / one.length)).fill(one));
}

const values = Array.from({ length: 9990 }, (_, index) => `v${index}`);
const subscriptions = [{ package: 'flood', page: 'flood', filters: { values: { channel: values } } }];

/** What is poured into an open WebSocket, again and again. @type {Record<string, () => Buffer>} */
const POURED = {
  pings: () => many(frame(0x89)),
  'sparse pings': () => many(Buffer.concat([frame(0x89), frame(0x8a, 'p'.repeat(125)), frame(0x8a, 'p'.repeat(125))])),
  pongs: () => many(frame(0x8a)),
  'empty frames': () => many(frame(0x81)),
  'tiny fragments': () => Buffer.concat([frame(0x01, 'x'), many(frame(0x00, 'x'), 60_000 * 7), frame(0x80, 'x')]),
  'empty fragments': () => Buffer.concat([frame(0x01), many(frame(0x00), 60_000 * 6), frame(0x80)]),
  'tiny messages': () => many(frame(0x81, '{}')),
  'tiny subscriptions': () => many(frame(0x81, '{"sender":"client","subscriptions":[]}')),
  'forbidden publications': () => many(frame(0x81, '{"sender":"server","notification":{"package":"p","page":"q"}}')),
  junk: () =>
    frame(
      0x81,
      randomFillSync(Buffer.alloc(KIB * KIB - 1))
        .toString('hex')
        .slice(0, KIB * KIB - 1),
    ),
  brackets: () => frame(0x81, '['.repeat(KIB * KIB - 1)),
  'huge subscriptions': () => frame(0x81, JSON.stringify({ sender: 'client', subscriptions })),
};

/** Writes as fast as the broker takes it. @param {import('node:net').Socket} socket @param {Buffer} bytes */
function pour(socket, bytes) {
  const write = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', write);
  write();
}

/** One byte each tenth of a second. @param {import('node:net').Socket} socket @param {string} text */
function drip(socket, text) {
  let at = 0;
  const timer = setInterval(() => socket.write(text.charAt(at++ % text.length)), 100);
  socket.once('close', () => clearInterval(timer));
}

/** What is done with a TCP connection once it is there. @type {Record<string, (socket: import('node:net').Socket) => void>} */
const ATTACKS = {
  connections: (socket) => void setTimeout(() => socket.destroy(), 20),
  handshakes(socket) {
    socket.write(OPENING);
    socket.once('data', () => socket.destroy());
  },
  'slow heads'(socket) {
    socket.write('GET / HTTP/1.1\r\n');
    drip(socket, 'X-Slow: 1\r\n');
  },
  'slow bodies'(socket) {
    socket.write('POST /notify HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n');
    drip(socket, ' ');
  },
  'half-open peers'(socket) {
    socket.write(OPENING);
    socket.pause();
  },
};

const poured = POURED[kind]?.();
const begin = poured ? openAndPour : ATTACKS[kind];
if (!begin) throw new Error(`there is no flood of ${kind}; expected one of ${Object.keys({ ...POURED, ...ATTACKS }).join(', ')}`);

/** @param {import('node:net').Socket} socket */
function openAndPour(socket) {
  socket.write(OPENING);
  socket.once('data', () => pour(socket, poured));
}

function open() {
  const socket = connect({ host: '127.0.0.1', port }, () => {
    socket.setNoDelay(true);
    begin(socket);
  });
  socket.on('data', () => {});
  socket.on('error', () => {});
  // At once would be an attack on this machine's ports rather than on the broker.
  socket.once('close', () => setTimeout(open, 10));
  return socket;
}

/** Whether the attack has begun on a new connection. */
async function hasBegun() {
  const socket = open();
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
}

process.on('disconnect', () => process.exit());
const begun = await Promise.all(Array.from({ length: most }, hasBegun));
process.send?.(begun.filter(Boolean).length);
