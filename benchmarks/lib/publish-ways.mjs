import { createConnection } from 'node:net';

/**
 * The ways on which a notification can reach the broker. Every publisher keeps the same number of publications under
 * way, and takes a publication for done when the broker has answered that very one.
 * @typedef {{ publish(count: number): Promise<void>, close(): void }} Publisher
 * @typedef {(port: number) => Promise<Publisher>} Way
 */

/** Publications under way at any moment. */
const UNDER_WAY = 8;
const LIST = 100;

/** The notification that is published: what a back-end sends, with one filter and some data. */
export const NOTIFICATION = JSON.stringify({
  package: 'bench',
  page: 'publish',
  filters: { values: { channel: '1' } },
  data: { kind: 'changed', text: 'x'.repeat(80), items: [1, 2, 3] },
});

const MESSAGE = frame(0x81, Buffer.from(`{"sender":"server","notification":${NOTIFICATION}}`));
const CLOSE = frame(0x88, Buffer.of(3, 0xe8));
const REQUEST = post(NOTIFICATION);
const LAST_REQUEST = post(NOTIFICATION, 'Connection: close\r\n');
const LIST_REQUEST = post(`{"notifications":[${Array(LIST).fill(NOTIFICATION).join()}]}`);

/** @type {Readonly<Record<string, Way>>} */
export const WAYS = {
  ephemeral: async (port) => everyTime((done) => publishOnce(port, done)),
  'v1 kept open': (port) => keepOpen(port, { dialect: 'wsn.v1', bytes: MESSAGE, isAnswer: isReceipt }),
  'HTTP kept alive': (port) => keepOpen(port, { bytes: REQUEST, isAnswer: isOk }),
  'HTTP new connection': async (port) => everyTime((done) => postOnce(port, done)),
  'HTTP list of 100': (port) => keepOpen(port, { bytes: LIST_REQUEST, isAnswer: isOk, carried: LIST }),
};

/**
 * Subscribers of base protocol that the published notification matches.
 * @param {number} port
 * @param {number} count
 */
export async function openSubscribers(port, count) {
  const subscription = { package: 'bench', page: 'publish', filters: { values: { channel: ['1', '2', '3'] } } };
  const message = frame(0x81, Buffer.from(JSON.stringify({ sender: 'client', subscriptions: [subscription] })));
  const length = Buffer.byteLength(`{"sender":"server","notification":${NOTIFICATION}}`) + 4;
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  for (let index = 0; index < count; index++) {
    const socket = await connected(port, { head: handshake(), until: '\r\n\r\n' });
    socket.write(message);
    sockets.push(socket);
  }
  const before = sockets.map((socket) => socket.bytesRead);
  for (const socket of sockets) socket.resume();
  return {
    /**
     * Waits until each has got `total` notifications since it was opened.
     * @param {number} total
     */
    async received(total) {
      while (sockets.some((socket, index) => socket.bytesRead - /** @type {number} */ (before[index]) < total * length)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * A publisher that does `one` again and again.
 * @param {(done: (error?: Error) => void) => void} one
 * @returns {Publisher}
 */
function everyTime(one) {
  return {
    publish: (count) =>
      new Promise((resolve, reject) => {
        let started = 0;
        let ended = 0;
        const next = () => {
          if (started === count) return;
          started++;
          one((error) => {
            if (error) reject(error);
            else if (++ended === count) resolve();
            else next();
          });
        };
        for (let index = 0; index < UNDER_WAY; index++) next();
      }),
    close() {},
  };
}

/**
 * Connections that stay open, with one publication under way on each; a list counts as all that it carries.
 * @param {number} port
 * @param {{ dialect?: string, bytes: Buffer | string, isAnswer: (text: string) => boolean, carried?: number }} way
 * @returns {Promise<Publisher>}
 */
async function keepOpen(port, { dialect, bytes, isAnswer, carried = 1 }) {
  const opened = dialect ? { head: handshake(`Sec-WebSocket-Protocol: ${dialect}\r\n`), until: '"hello":' } : undefined;
  const sockets = await Promise.all(Array.from({ length: UNDER_WAY }, () => connected(port, opened)));
  return {
    publish: (count) =>
      new Promise((resolve, reject) => {
        let left = count / carried;
        let waiting = left;
        for (const socket of sockets) {
          let text = '';
          const next = () => {
            text = '';
            if (left-- > 0) socket.write(bytes);
          };
          socket.removeAllListeners('data');
          socket.on('data', (/** @type {string} */ chunk) => {
            text += chunk;
            if (text.includes('"error":') || text.startsWith('HTTP/1.1 4')) reject(new Error(`not taken: ${text}`));
            else if (!isAnswer(text)) return;
            else if (--waiting === 0) resolve();
            else next();
          });
          socket.resume();
          next();
        }
      }),
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * What a back-end does that keeps nothing: connect, shake hands, publish, wait for the close frame and answer it.
 * @param {number} port
 * @param {(error?: Error) => void} done called once
 */
function publishOnce(port, done) {
  const socket = createConnection({ port, host: '127.0.0.1' });
  let text = '';
  let isAccepted = false;
  socket.setEncoding('latin1');
  socket.write(handshake());
  socket.on('data', (/** @type {string} */ chunk) => {
    text += chunk;
    if (!isAccepted && text.includes('\r\n\r\n')) {
      isAccepted = true;
      socket.write(MESSAGE);
    }
    if (text.endsWith('\x88\x02\x03\xe8')) socket.write(CLOSE);
  });
  socket.on('error', done);
  socket.on('end', () => done(text.endsWith('\x88\x02\x03\xe8') ? undefined : new Error(`not taken: ${text}`)));
}

/**
 * @param {number} port
 * @param {(error?: Error) => void} done
 */
function postOnce(port, done) {
  const socket = createConnection({ port, host: '127.0.0.1' });
  let text = '';
  socket.setEncoding('latin1');
  socket.write(LAST_REQUEST);
  socket.on('data', (/** @type {string} */ chunk) => {
    text += chunk;
  });
  socket.on('error', done);
  socket.on('end', () => done(isOk(text) ? undefined : new Error(`not taken: ${text}`)));
}

/**
 * A connection, on which the answer to `head` has come as far as `until`.
 * @param {number} port
 * @param {{ head: string, until: string }} [opened]
 * @returns {Promise<import('node:net').Socket>}
 */
function connected(port, opened) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', reject);
    socket.setEncoding('latin1');
    if (!opened) {
      socket.once('connect', () => resolve(socket));
      return;
    }
    let text = '';
    socket.write(opened.head);
    socket.on('data', (chunk) => {
      text += chunk;
      if (!text.includes(opened.until)) return;
      socket.removeAllListeners('data').pause();
      resolve(socket);
    });
  });
}

function handshake(more = '') {
  return `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`;
}

/** @param {string} body */
function post(body, more = '') {
  const length = Buffer.byteLength(body);
  return `POST /notify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n${body}`;
}

/** @param {string} text */
function isOk(text) {
  return text.startsWith('HTTP/1.1 200 ') && text.endsWith('}\n');
}

/** @param {string} text */
function isReceipt(text) {
  return text.includes('"receipt":');
}

/**
 * A frame of a client, masked with zeros (RFC 6455 section 5.2).
 * @param {number} first FIN and the opcode
 * @param {Buffer} payload
 */
function frame(first, payload) {
  const { length } = payload;
  const head = length < 126 ? Buffer.of(first, 0x80 | length) : Buffer.of(first, 0x80 | 126, length >> 8, length & 255);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
