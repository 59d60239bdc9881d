import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { closePayload, type Frame, FrameParser, type FrameSpec, OPCODE, writeFrame } from '../../src/peer/index.js';
import { describeWithPhp } from '../support/php.js';
import { type Listening, listen, nobody } from '../support/php-hostile.js';
import { callNotifier } from '../support/php-notifier.js';

const ws = (port: number) => `ws://127.0.0.1:${port}`;

/** PHP that publishes a message, which is PHP too. */
const saying = (message: string) => [`$notifier->notify(['package' => 'p', 'page' => 'q', 'message' => ${message}])`];

/** What the broker answers to a handshake. */
function switching(head: string): string {
  const key = /^Sec-WebSocket-Key: (\S+)/m.exec(head)?.[1];
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
}

interface FakeBroker extends Listening {
  readonly url: string;
  /** What PHP has sent. */
  readonly frames: readonly Frame[];
}

/** A broker that takes the handshake and answers each text frame as `answer` says, one byte a write with `isSlow`. */
async function fakeBroker(answer: (socket: Socket) => readonly FrameSpec[], isSlow = false): Promise<FakeBroker> {
  const frames: Frame[] = [];
  const server = await listen((socket) => {
    socket.setNoDelay(true);
    const send = async (bytes: Buffer) => {
      const size = isSlow ? 1 : bytes.length;
      for (let at = 0; at < bytes.length; at += size) {
        socket.write(bytes.subarray(at, at + size));
        if (isSlow) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const parser = new FrameParser((frame) => {
      frames.push({ ...frame, payload: Buffer.from(frame.payload) });
      if (frame.opcode === OPCODE.text) void send(Buffer.concat(answer(socket).map((spec) => writeFrame({ ...spec, mask: false }))));
    });
    let head = '';
    socket.on('data', (chunk) => {
      if (head.endsWith('\r\n\r\n')) {
        parser.push(chunk);
        return;
      }
      head += chunk.toString('latin1');
      if (head.endsWith('\r\n\r\n')) void send(Buffer.from(switching(head)));
    });
  });
  return Object.defineProperties(server, { url: { value: ws(server.port) }, frames: { value: frames } }) as FakeBroker;
}

const close = (code?: number, reason?: string): FrameSpec => ({ opcode: OPCODE.close, payload: closePayload(code, reason) });

describeWithPhp('a Notifier in PHP with a socket, on the line', (php) => {
  it('answers pings, passes over deliveries and reads an answer that comes a byte at a time', async () => {
    const delivery = `{"sender":"server","notification":{"message":"${'x'.repeat(300)}"}}`;
    const specs = [{ opcode: OPCODE.ping, payload: 'still there?' }, { opcode: OPCODE.text, payload: delivery }, close(1000)];
    await using broker = await fakeBroker(() => specs, true);
    expect(await callNotifier(php, { url: broker.url, calls: saying("'m'") })).toEqual({ receipt: null });
    await expect.poll(() => broker.frames.length).toBe(3);
    const [message, pong, answer] = broker.frames as [Frame, Frame, Frame];
    expect(message.payload.toString()).toBe('{"sender":"server","notification":{"package":"p","page":"q","message":"m"}}');
    expect([pong.opcode, pong.payload.toString()]).toEqual([OPCODE.pong, 'still there?']);
    expect([answer.opcode, answer.payload]).toEqual([OPCODE.close, closePayload(1000)]);
    expect(broker.frames.map((frame) => frame.masked)).toEqual([true, true, true]);
  });

  it.each([{ bytes: 125 }, { bytes: 126 }, { bytes: 65_535 }, { bytes: 65_536 }, { bytes: 3_000_000 }])(
    'sends a message of $bytes bytes in one frame',
    async ({ bytes }) => {
      await using broker = await fakeBroker(() => [close(1000)]);
      const around = '{"sender":"server","notification":{"package":"p","page":"q","message":""}}'.length;
      const calls = saying(`str_repeat('y', ${bytes - around})`);
      expect(await callNotifier(php, { url: broker.url, calls })).toEqual({ receipt: null });
      expect(broker.frames[0]?.payload.length).toBe(bytes);
      expect(broker.frames[0]?.payload.toString()).toMatch(/"message":"y*"}}$/);
    },
  );

  it('writes text as UTF-8 and keeps 85.0 a number with its zero', async () => {
    await using broker = await fakeBroker(() => [close(1000)]);
    expect(await callNotifier(php, { url: broker.url, calls: saying("['reçu/✓', 85.0]") })).toEqual({ receipt: null });
    expect(broker.frames[0]?.payload.toString()).toContain('"message":["reçu/✓",85.0]');
  });

  it.each([
    [4403, 'refused', 'publishing is not allowed', ': publishing is not allowed; nothing was published', null],
    [1009, 'refused', '', '; nothing was published', null],
    [1013, 'not sent', 'the log cannot be written', ': the log cannot be written; nothing was sent', null],
    [4429, 'not sent', 'try again in 3 s', ': try again in 3 s (too many in a short time); nothing was sent', 3],
    [1001, 'uncertain', '', '; the notification may have been published, or not', null],
    [1011, 'uncertain', '\u001b[2J', ':  [2J; the notification may have been published, or not', null],
  ] as const)('tells what a close with %i means: %s', async (code, outcome, reason, said, retryAfter) => {
    await using broker = await fakeBroker(() => [close(code, reason)]);
    expect(await callNotifier(php, { url: broker.url })).toEqual({
      outcome,
      code,
      retryAfter,
      message: `… closed the connection with ${code}${said}`,
    });
  });

  it('takes a close without a code for no confirmation', async () => {
    await using broker = await fakeBroker(() => [close()]);
    expect(await callNotifier(php, { url: broker.url })).toMatchObject({ outcome: 'uncertain', code: 1005 });
  });

  it('reads the refusal of a message that the broker stops reading in its middle', async () => {
    await using server = await listen((socket) => {
      socket.once('data', (head) => {
        socket.write(switching(head.toString()));
        socket.once('data', () => {
          socket.pause();
          socket.end(writeFrame({ ...close(1009, 'too big'), mask: false }));
        });
      });
    });
    expect(await callNotifier(php, { url: ws(server.port), calls: saying("str_repeat('z', 20000000)") })).toMatchObject({
      outcome: 'refused',
      code: 1009,
      message: '… closed the connection with 1009: too big; nothing was published',
    });
  });

  it.each(['ends', 'is reset'])('says that a notification may have been published when the line %s before the close', async (how) => {
    await using broker = await fakeBroker((socket) => {
      if (how === 'ends') socket.destroy();
      else socket.resetAndDestroy();
      return [];
    });
    const message = 'the connection to … broke; the notification may have been published, or not';
    const options = "['retries' => 2]";
    expect(await callNotifier(php, { url: broker.url, options })).toMatchObject({ outcome: 'uncertain', code: 0, message });
    expect(broker.connections).toBe(1);
  });

  it('says that it may have been published when the broker takes it and does not answer in time', async () => {
    await using broker = await fakeBroker(() => []);
    expect(await callNotifier(php, { url: broker.url, options: "['timeout' => 1, 'retries' => 0]" })).toMatchObject({
      outcome: 'uncertain',
      message: 'no answer from … in time; the notification may have been published, or not',
    });
    expect(broker.connections).toBe(1);
  });

  it('does not read for ever what no answer ends', async () => {
    await using broker = await fakeBroker(() => [{ opcode: OPCODE.binary, payload: 'x'.repeat(100_000) }]);
    const message = '… sends more than an answer; the notification may have been published, or not';
    expect(await callNotifier(php, { url: broker.url })).toMatchObject({ outcome: 'uncertain', message });
  });

  it('is back in time from a broker that sends empty frames and no answer', async () => {
    await using broker = await fakeBroker((socket) => {
      socket.write(Buffer.alloc(3_000_000, writeFrame({ opcode: OPCODE.pong, payload: '', mask: false })));
      return [];
    });
    const found = await callNotifier(php, { url: broker.url, options: "['timeout' => 1, 'retries' => 0]" });
    expect(found).toMatchObject({ outcome: 'uncertain', message: expect.stringMatching(/^(… sends more than|no answer from …)/) });
  });

  it('shows no query of its URL, which may have a token, and sends it', async () => {
    await using server = await listen((socket) =>
      socket.once('data', (head) => socket.end(head.includes('GET /x?token=secret ') ? 'no' : '')),
    );
    const url = `${ws(server.port)}/x?token=secret`;
    const { message } = await callNotifier(php, { url });
    expect(message).toBe(`the connection to ${ws(server.port)}/x broke; nothing was sent`);
  });

  it.each(['ws', 'wss'])('says that nothing was sent when nothing answers at %s: in time', async (scheme) => {
    await using server = await listen(() => {});
    const url = `${scheme}://127.0.0.1:${server.port}`;
    expect(await callNotifier(php, { url, options: "['timeout' => 0.3, 'retries' => 0]" })).toMatchObject({
      outcome: 'not sent',
      message: 'no answer from … in time; nothing was sent',
    });
  });

  it('says that nothing was sent when the line breaks within the handshake', async () => {
    await using server = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 101')));
    expect(await callNotifier(php, { url: ws(server.port) })).toMatchObject({
      outcome: 'not sent',
      message: 'the connection to … broke; nothing was sent',
    });
  });

  it('says that nothing listens there', async () => {
    expect(await callNotifier(php, { url: ws(await nobody()) })).toEqual({
      outcome: 'not sent',
      code: 0,
      retryAfter: null,
      message: 'cannot connect to …: Connection refused; is the broker running there?; nothing was sent',
    });
  });

  it.each([
    ['HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n', 503, 'not sent', 7],
    ['HTTP/1.1 502 Bad Gateway\r\n', 502, 'not sent', null],
    ['HTTP/1.1 429 Too Many Requests\r\n', 429, 'not sent', null],
    ['HTTP/1.1 400 Bad Request\r\n', 400, 'refused', null],
    ['HTTP/1.1 200 OK\r\n', 200, 'refused', null],
    ['HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:1\r\n', 301, 'refused', null],
  ] as const)('gives the status of a handshake that is refused: %s', async (head, code, outcome, retryAfter) => {
    await using server = await listen((socket) => socket.end(`${head}\r\n`));
    const status = head.split('\r\n', 1)[0];
    const message = expect.stringContaining(`… refused the connection: ${status}`);
    expect(await callNotifier(php, { url: ws(server.port) })).toEqual({ code, outcome, retryAfter, message });
  });

  it('does not speak to a server that answers somebody else', async () => {
    await using server = await listen((socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n'));
    expect(await callNotifier(php, { url: ws(server.port) })).toMatchObject({
      outcome: 'not sent',
      message: 'cannot connect to …: what listens there is not a WebSocket server: its Sec-WebSocket-Accept is wrong; nothing was sent',
    });
  });

  it.each(['SSH-2.0-x\r\n\r\n', 'x'.repeat(20_000)])('does not speak to a server that does not speak HTTP', async (said) => {
    await using server = await listen((socket) => socket.write(said));
    expect(await callNotifier(php, { url: ws(server.port) })).toMatchObject({
      outcome: 'not sent',
      message: 'cannot connect to …: what listens there does not speak HTTP; nothing was sent',
    });
  });
});
