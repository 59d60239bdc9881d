import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { closePayload, type Frame, FrameParser, type FrameSpec, OPCODE, writeFrame } from '../../src/peer/index.js';
import { describeWithPhp, type RunPhp } from '../support/php.js';

/**
 * Calls `wsn_notify` of the example.
 * @param timeout in s
 * @returns `sent`, or the class (unless it is a RuntimeException), the code and the sentence of the exception, without the address of the broker.
 */
async function notify(php: RunPhp, url: string, { message = "'m'", timeout = 5 } = {}): Promise<string> {
  const code = `
    require 'examples/php/publish.php';
    try {
      wsn_notify(['package' => 'p', 'page' => 'q', 'message' => ${message}], '${url}', ${timeout});
      echo 'sent';
    } catch (InvalidArgumentException $error) {
      echo 'InvalidArgumentException ', $error->getMessage();
    } catch (RuntimeException $error) {
      echo $error->getCode(), ' ', $error->getMessage();
    }`;
  const { stdout, stderr } = await php(['-r', code]);
  expect(stderr).toBe('');
  return stdout.replace(url, 'ws://…');
}

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server that does what `onSocket` does, and its URL. */
async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // PHP may be gone before it has read all
    onSocket(socket);
  });
  open.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface FakeBroker {
  readonly url: string;
  /** What PHP has sent. */
  readonly frames: readonly Frame[];
}

/** A broker that takes the handshake and answers each text frame as `answer` says, one byte a write with `isSlow`. */
async function fakeBroker(answer: (socket: Socket) => readonly FrameSpec[], isSlow = false): Promise<FakeBroker> {
  const frames: Frame[] = [];
  const url = await listen((socket) => {
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
      const key = /^Sec-WebSocket-Key: (\S+)/m.exec(head)?.[1];
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      if (!head.endsWith('\r\n\r\n')) return;
      const lines = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade', `sec-websocket-accept: ${accept}`];
      void send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
    });
  });
  return { url, frames };
}

const close = (code?: number, reason?: string): FrameSpec => ({ opcode: OPCODE.close, payload: closePayload(code, reason) });

describeWithPhp('examples/php/publish.php on the line', (php) => {
  it('answers pings, passes over deliveries and reads an answer that comes a byte at a time', async () => {
    const delivery = `{"sender":"server","notification":{"message":"${'x'.repeat(300)}"}}`;
    const specs = [{ opcode: OPCODE.ping, payload: 'still there?' }, { opcode: OPCODE.text, payload: delivery }, close(1000)];
    const broker = await fakeBroker(() => specs, true);
    expect(await notify(php, broker.url)).toBe('sent');
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
      const broker = await fakeBroker(() => [close(1000)]);
      const around = '{"sender":"server","notification":{"package":"p","page":"q","message":""}}'.length;
      expect(await notify(php, broker.url, { message: `str_repeat('y', ${bytes - around})` })).toBe('sent');
      expect(broker.frames[0]?.payload.length).toBe(bytes);
      expect(broker.frames[0]?.payload.toString()).toMatch(/"message":"y*"}}$/);
    },
  );

  it('writes text as UTF-8 and keeps 85.0 a number with its zero', async () => {
    const broker = await fakeBroker(() => [close(1000)]);
    expect(await notify(php, broker.url, { message: "['reçu/✓', 85.0]" })).toBe('sent');
    expect(broker.frames[0]?.payload.toString()).toContain('"message":["reçu/✓",85.0]');
  });

  it('gives the code and the reason of a close that refuses', async () => {
    const broker = await fakeBroker(() => [close(4403, 'publishing is not allowed; see --allow-publish')]);
    expect(await notify(php, broker.url)).toBe(
      '4403 the broker at ws://… closed the connection with 4403: publishing is not allowed; see --allow-publish',
    );
  });

  it('takes a close without a code for no confirmation', async () => {
    const broker = await fakeBroker(() => [close()]);
    expect(await notify(php, broker.url)).toBe('1005 the broker at ws://… closed the connection with 1005');
  });

  it('reads the refusal of a message that the broker stops reading in its middle', async () => {
    const url = await listen((socket) => {
      socket.once('data', (head) => {
        const key = /Sec-WebSocket-Key: (\S+)/.exec(head.toString())?.[1];
        const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        socket.once('data', () => {
          socket.pause();
          socket.end(writeFrame({ ...close(1009, 'too big'), mask: false }));
        });
      });
    });
    expect(await notify(php, url, { message: "str_repeat('z', 20000000)" })).toBe(
      '1009 the broker at ws://… closed the connection with 1009: too big',
    );
  });

  it('says that a notification may have been sent when the line breaks before the close', async () => {
    const broker = await fakeBroker((socket) => {
      socket.destroy();
      return [];
    });
    expect(await notify(php, broker.url)).toBe('1006 the connection to ws://… broke: the notification may have been sent, or not');
  });

  it('says that it may have been sent when the broker takes it and does not answer in time', async () => {
    const broker = await fakeBroker(() => []);
    expect(await notify(php, broker.url, { timeout: 0.3 })).toBe(
      '1006 no answer from ws://… within 0.3 s: the notification may have been sent, or not',
    );
  });

  it('says that nothing was sent when nothing answers the handshake in time', async () => {
    const url = await listen(() => {});
    expect(await notify(php, url, { timeout: 0.3 })).toBe('0 no answer from ws://… within 0.3 s: nothing was sent');
  });

  it('says that nothing was sent when the line breaks within the handshake', async () => {
    const url = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 101')));
    expect(await notify(php, url)).toBe('0 the connection to ws://… broke: nothing was sent');
  });

  it('ends with 3 in a shell when it may have been sent, and with 4 when the handshake was refused', async () => {
    const silent = await fakeBroker((socket) => {
      socket.destroy();
      return [];
    });
    const run = (url: string) => php(['examples/php/publish.php', 'p', 'q', '2', 'm', '{}', url]);
    expect(await run(silent.url)).toMatchObject({ code: 3, stderr: expect.stringContaining('may have been sent, or not') });
    const refusing = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await run(refusing)).toMatchObject({ code: 4, stderr: expect.stringContaining('HTTP/1.1 400 Bad Request') });
  });

  it('says that nothing listens there', async () => {
    const url = await listen(() => {});
    for (const close of open.splice(0)) close();
    expect(await notify(php, url)).toBe('0 cannot connect to ws://…: Connection refused; is the broker running there?');
  });

  it('gives the status of a handshake that is refused', async () => {
    const url = await listen((socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'));
    expect(await notify(php, url)).toBe('503 the broker at ws://… refused the connection: HTTP/1.1 503 Service Unavailable');
  });

  it('does not speak to a server that answers somebody else', async () => {
    const url = await listen((socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n'));
    expect(await notify(php, url)).toBe('0 what listens at ws://… is not a WebSocket server: its Sec-WebSocket-Accept is wrong');
  });

  it('sends nothing that is not UTF-8', async () => {
    const sentence =
      'InvalidArgumentException the notification cannot be written as JSON: Malformed UTF-8 characters, possibly incorrectly encoded';
    expect(await notify(php, 'ws://127.0.0.1:1', { message: '"\\xE7"' })).toBe(sentence);
  });

  it('wants the URL of a WebSocket', async () => {
    expect(await notify(php, 'http://127.0.0.1:1')).toBe(
      'InvalidArgumentException expected the URL of a broker such as ws://127.0.0.1:8000, found "ws://…"',
    );
  });
});
