import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { OPCODE, writeFrame } from '../../dist/src/peer/index.js';
import { FrameCutter } from './frame-cutter.mjs';

/** All sockets of a process read into the same bytes, one after the other: nothing is allocated for a read. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * A connection that is as light as `node:net` allows. It answers pings and gives text frames to `onText`.
 * @typedef {object} Line
 * @property {import('node:net').Socket} socket
 * @property {(text: string | Uint8Array) => void} send a text frame
 * @property {() => Promise<void>} barrier resolves when all that was sent before is in force
 */

/**
 * Opens a WebSocket to a broker on 127.0.0.1.
 * @param {object} options
 * @param {number} options.port
 * @param {string} [options.subprotocol]
 * @param {(bytes: Buffer, start: number, end: number) => void} [options.onText]
 * @param {() => void} [options.onClose] the broker ended the connection, or it broke
 * @returns {Promise<Line>} after the 101
 * @throws {Error} with what was answered instead.
 */
export function dial({ port, subprotocol, onText = () => {}, onClose = () => {} }) {
  return new Promise((resolve, reject) => {
    const pongs = [];
    const cutter = new FrameCutter(onText, (opcode, payload) => {
      if (opcode === OPCODE.ping) socket.write(writeFrame({ opcode: OPCODE.pong, payload }));
      if (opcode === OPCODE.pong) pongs.shift()?.();
    });
    let head = Buffer.alloc(0);
    let isOpen = false;
    const open = (bytes) => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 && head.length < MAX_HEAD_BYTES) return;
      if (end === -1 || !head.toString('latin1').startsWith('HTTP/1.1 101 ')) {
        reject(new Error(`found ${JSON.stringify(head.toString('latin1', 0, 100))}; expected HTTP/1.1 101 from a broker on port ${port}`));
        socket.destroy();
        return;
      }
      isOpen = true;
      resolve({ socket, send, barrier });
      cutter.push(head.subarray(end + 4), head.length - end - 4);
    };
    const callback = (length, buffer) => {
      if (isOpen) cutter.push(buffer, length);
      else open(buffer.subarray(0, length));
      return true;
    };
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: READ_BUFFER, callback } });
    const send = (text) => socket.write(writeFrame({ opcode: OPCODE.text, payload: text }));
    const barrier = () =>
      new Promise((done) => {
        pongs.push(done);
        socket.write(writeFrame({ opcode: OPCODE.ping }));
      });
    socket.once('connect', () => socket.write(request(port, subprotocol)));
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error(`the connection to port ${port} ended during the handshake; expected HTTP/1.1 101`));
      onClose();
    });
  });
}

function request(port, subprotocol) {
  const offer = subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  const key = randomBytes(16).toString('base64');
  return (
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${offer}\r\n`
  );
}
