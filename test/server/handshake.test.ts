import { describe, expect, it } from 'vitest';
import { OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { recordingLog } from '../support/log.js';
import { connect, EVERYTHING, nextData, notice, publish, subscribe, subscriber } from '../support/peers.js';
import { openRaw } from '../support/raw.js';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A right handshake, by lines; `undefined` takes a line out. */
const RIGHT = {
  start: 'GET / HTTP/1.1',
  host: 'Host: localhost',
  upgrade: 'Upgrade: websocket',
  connection: 'Connection: Upgrade',
  key: `Sec-WebSocket-Key: ${KEY}`,
  version: 'Sec-WebSocket-Version: 13',
};

/** The right handshake with other lines instead of its own, and more behind them. */
function handshake(other: Partial<Record<keyof typeof RIGHT, string | undefined>>, ...more: string[]): string {
  const lines = Object.values({ ...RIGHT, ...other }).filter((line) => line !== undefined);
  return [...lines, ...more, '', ''].join('\r\n');
}

/** Malformed handshakes and the status of the answer; `undefined` where any answer, or none, will do. */
const MALFORMED: readonly (readonly [what: string, bytes: string, status: number | undefined])[] = [
  ['no key', handshake({ key: undefined }), 400],
  ['an empty key', handshake({ key: 'Sec-WebSocket-Key:' }), 400],
  ['a key of 15 bytes', handshake({ key: `Sec-WebSocket-Key: ${Buffer.alloc(15).toString('base64')}` }), 400],
  ['a key of 17 bytes', handshake({ key: `Sec-WebSocket-Key: ${Buffer.alloc(17).toString('base64')}` }), 400],
  ['a key without padding', handshake({ key: `Sec-WebSocket-Key: ${KEY.slice(0, -2)}` }), 400],
  ['a key that is not base64', handshake({ key: 'Sec-WebSocket-Key: ??????????????????????==' }), 400],
  ['two keys', handshake({}, `Sec-WebSocket-Key: ${KEY}`), 400],
  ['no Host', handshake({ host: undefined }), 400],
  ['two hosts', handshake({}, 'host: another'), 400],
  ['an empty Host', handshake({ host: 'Host:' }), 400],
  ['a Host of two words', handshake({ host: 'Host: a b' }), 400],
  ['a Host with a user', handshake({ host: 'Host: user@h' }), 400],
  ['a Host that is a URL', handshake({ host: 'Host: http://h' }), 400],
  ['a Host with a path', handshake({ host: 'Host: h/p' }), 400],
  ['no version', handshake({ version: undefined }), 400],
  ['an empty version', handshake({ version: 'Sec-WebSocket-Version:' }), 426],
  ['version 8', handshake({ version: 'Sec-WebSocket-Version: 8' }), 426],
  ['version 12', handshake({ version: 'Sec-WebSocket-Version: 12' }), 426],
  ['version 14', handshake({ version: 'Sec-WebSocket-Version: 14' }), 426],
  ['version 013', handshake({ version: 'Sec-WebSocket-Version: 013' }), 426],
  ['a version in words', handshake({ version: 'Sec-WebSocket-Version: thirteen' }), 426],
  ['two versions', handshake({}, 'Sec-WebSocket-Version: 8'), 426],
  ['POST', handshake({ start: 'POST / HTTP/1.1' }), 400],
  ['PUT', handshake({ start: 'PUT / HTTP/1.1' }), 400],
  ['HEAD', handshake({ start: 'HEAD / HTTP/1.1' }), 400],
  ['DELETE', handshake({ start: 'DELETE /notify HTTP/1.1' }), 400],
  ['POST with a body', `${handshake({ start: 'POST /notify HTTP/1.1' }, 'Content-Length: 2', 'Content-Type: application/json')}{}`, 400],
  ['Upgrade: h2c', handshake({ upgrade: 'Upgrade: h2c' }), 400],
  ['Upgrade: h2c, websocket', handshake({ upgrade: 'Upgrade: h2c, websocket' }), 400],
  ['Upgrade: websockets', handshake({ upgrade: 'Upgrade: websockets' }), 400],
  ['an empty Upgrade', handshake({ upgrade: 'Upgrade:' }), undefined],
  ['no Upgrade', handshake({ upgrade: undefined }), 426],
  ['no Connection', handshake({ connection: undefined }), 426],
  ['Connection: keep-alive', handshake({ connection: 'Connection: keep-alive' }), 426],
  ['Connection: close', handshake({ connection: 'Connection: close' }), 426],
  ['a plain GET', 'GET /chat HTTP/1.1\r\nHost: h\r\n\r\n', 426],
  ['an empty list of subprotocols', handshake({}, 'Sec-WebSocket-Protocol:'), 400],
  ['subprotocols with a comma too many', handshake({}, 'Sec-WebSocket-Protocol: wsn.v1,,x'), 400],
  ['a subprotocol twice', handshake({}, 'Sec-WebSocket-Protocol: wsn.v1, wsn.v1'), 400],
  ['a subprotocol with a space', handshake({}, 'Sec-WebSocket-Protocol: wsn v1'), 400],
  ['a subprotocol in quotes', handshake({}, 'Sec-WebSocket-Protocol: "wsn.v1"'), 400],
  ['a header without a colon', handshake({}, 'this is no header'), 400],
  ['a space before a colon', handshake({}, 'X-A : b'), 400],
  ['a header without a name', handshake({}, ': b'), 400],
  ['a NUL in a header', handshake({}, 'X-A: a\0b'), 400],
  ['a name with a control character', handshake({}, 'X-\x01: a'), 400],
  ['a line that is folded', handshake({}, 'X-A: b', ' c'), undefined],
  ['line ends without CR', handshake({}).replaceAll('\r\n', '\n'), undefined],
  ['a head of 20 KiB', handshake({}, `X-A: ${'a'.repeat(20_000)}`), 431],
  ['three thousand headers', handshake({}, ...Array.from({ length: 3000 }, (_, index) => `X-${index}: a`)), 431],
  ['a path of 20 KiB', handshake({ start: `GET /${'a'.repeat(20_000)} HTTP/1.1` }), 431],
  ['HTTP/1.0', handshake({ start: 'GET / HTTP/1.0' }), 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', undefined],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['HTTP/9.9', handshake({ start: 'GET / HTTP/9.9' }), 400],
  ['no path', handshake({ start: 'GET HTTP/1.1' }), 400],
  ['an unknown method', handshake({ start: 'WSN / HTTP/1.1' }), 400],
  ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n', undefined],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a line of text', 'hello\r\n\r\n', 400],
  ['bytes', `${'\xff\x00\xfe'.repeat(100)}\r\n\r\n`, 400],
  ['a frame instead of a handshake', writeFrame({ opcode: OPCODE.text, payload: 'x', mask: new Uint8Array(4) }).toString('latin1'), 400],
];

describe('a malformed handshake', () => {
  it('comes in fifty forms and more, and after all of them the broker serves a control client (R-4.6)', async () => {
    await using broker = await startTestBroker();
    await using control = await subscriber(broker);
    expect(MALFORMED.length).toBeGreaterThanOrEqual(50);
    for (const [what, bytes] of MALFORMED) {
      await using raw = await openRaw(broker);
      raw.write(Buffer.from(bytes, 'latin1'));
      raw.socket.end();
      await raw.closed;
      expect(raw.status, what).not.toBe(101);
      await publish(broker, notice(what));
      expect(await nextData(control)).toBe(what);
    }
    await expect.poll(() => broker.stats().peers).toBe(1);
  });

  it.each(MALFORMED.filter(([, , status]) => status !== undefined))('with %s gets its status (R-4.6)', async (_, bytes, status) => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    raw.write(Buffer.from(bytes, 'latin1'));
    await raw.waitFor(/^HTTP\/1\.1 \d{3} .*\r\n\r\n/s);
    expect(raw.status).toBe(status);
    if (status === 426) expect(raw.text).toMatch(/\r\nSec-WebSocket-Version: 13\r\n/i);
  });

  it.each([
    ['no key', { key: undefined }, 'Sec-WebSocket-Key'],
    ['another version', { version: 'Sec-WebSocket-Version: 8' }, 'Sec-WebSocket-Version: 13'],
    ['another method', { start: 'POST / HTTP/1.1' }, 'GET'],
  ])('with %s is told what was expected, and the log too (R-4.6)', async (_, other, expected) => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log });
    await using raw = await openRaw(broker);
    raw.write(handshake(other));
    expect(await raw.closed).toBe('fin');
    expect(raw.text.split('\r\n\r\n')[1]).toContain(expected);
    expect(log.find('handshake refused')).toMatchObject({ status: raw.status, because: expect.stringContaining(expected) });
  });
});

describe('an unusual handshake that is right', () => {
  it.each([
    ['names and values in other cases', handshake({ upgrade: 'uPGRADE: WebSocket', connection: 'CONNECTION: upgrade' })],
    ['a list in Connection, as Firefox sends it', handshake({ connection: 'Connection: keep-alive, Upgrade' })],
    ['an empty line before it', `\r\n${handshake({})}`],
    ['unknown headers', handshake({}, 'X-A: b', 'Sec-WebSocket-Extensions: x-unknown; a=1')],
  ])('with %s is accepted (R-4.6)', async (_, bytes) => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    raw.write(bytes);
    await raw.waitFor(/\r\n\r\n/);
    expect(raw.status).toBe(101);
    expect(raw.text).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect(raw.text).not.toMatch(/sec-websocket-extensions/i);
  });

  it('a byte at a time is accepted, and so is a frame glued to its end (R-4.6)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    const subscriptions = JSON.stringify({ sender: 'client', subscriptions: EVERYTHING });
    const frame = writeFrame({ opcode: OPCODE.text, payload: subscriptions });
    for (const byte of Buffer.concat([Buffer.from(handshake({})), frame])) raw.write(Uint8Array.of(byte));
    await expect.poll(() => broker.stats().registry.memberships).toBe(1);
  });
});

describe('a handshake that is not completed', () => {
  it('may be waited for as long as the option allows (R-4.6)', async () => {
    await using broker = await startTestBroker({ handshakeTimeoutMs: 600_000 });
    await using _peer = await connect(broker);
  });

  it.each([
    ['nothing at all is sent', []],
    ['the head trickles', ['GET / HT', 'TP/1.1\r\n', 'Ho', 'st: ', 'h\r\n', 'X', '-A', ': b\r\n', 'U', 'p']],
  ])('in time is dropped, when %s (R-4.6)', async (_, pieces) => {
    await using broker = await startTestBroker({ handshakeTimeoutMs: 100 });
    await using raw = await openRaw(broker);
    let isClosed = false;
    void raw.closed.then(() => {
      isClosed = true;
    });
    // A piece every 20 ms is more often than the time limit, and goes on until the connection is dropped.
    for (let count = 0; !isClosed && count < 250; count++) {
      if (pieces.length > 0) raw.write(pieces[count] ?? 'x');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(isClosed).toBe(true);
    expect(raw.status).not.toBe(101);
  });

  it('but once it is, a client that sends nothing is left alone (R-2.2)', async () => {
    await using broker = await startTestBroker({ handshakeTimeoutMs: 50 });
    await using quiet = await connect(broker);
    await using raw = await openRaw(broker);
    await raw.closed;
    await subscribe(quiet, EVERYTHING);
    await publish(broker, notice('still here'));
    expect(await nextData(quiet)).toBe('still here');
  });
});

describe('a client that is gone before its handshake is answered', () => {
  it('does the broker no harm, 200 times over (R-4.6)', async () => {
    await using broker = await startTestBroker();
    await using control = await subscriber(broker);
    for (let count = 0; count < 200; count++) {
      const raw = await openRaw(broker);
      raw.write(
        count % 3 === 0
          ? handshake({ key: undefined })
          : count % 3 === 1
            ? handshake({})
            : 'POST /notify HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n',
      );
      raw.socket.resetAndDestroy();
      await raw.closed;
    }
    await expect.poll(() => broker.stats().peers).toBe(1);
    await publish(broker, notice('control'));
    expect(await nextData(control)).toBe('control');
  });
});
