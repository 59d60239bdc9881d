import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { acceptFor } from '../../src/peer/handshake.js';
import { type Frame, HandshakeRefused, OPCODE, openPeer, type Peer, type PeerOptions, writeFrame } from '../../src/peer/index.js';

const host = '127.0.0.1';

/** A `ws` server on a free port, and the way to open a peer and have its two ends. */
async function startOpposite() {
  const server = new WebSocketServer({ host, port: 0, handleProtocols: (offered) => (offered.has('b') ? 'b' : false) });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    server,
    async meet(options: Partial<PeerOptions> = {}): Promise<{ peer: Peer; other: WebSocket }> {
      const connected = once(server, 'connection');
      const peer = await openPeer({ host, port, ...options });
      const [other] = (await connected) as [WebSocket];
      other.on('error', () => {});
      return { peer, other };
    },
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A TCP server that does as it likes with each connection. */
async function startTcp(onSocket: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    onSocket(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the handshake of a peer', () => {
  it('asks for the path, the headers and the subprotocols that it is given', async () => {
    await using opposite = await startOpposite();
    const upgraded = once(opposite.server, 'connection');
    await using peer = await openPeer({
      host,
      port: opposite.port,
      path: '/deep?x=1',
      headers: { Origin: 'https://a.test', HOST: 'other' },
      subprotocols: ['a', 'b'],
    });
    const [, request] = await upgraded;
    expect(request.url).toBe('/deep?x=1');
    expect(request.headers).toMatchObject({ origin: 'https://a.test', host: 'other', 'sec-websocket-protocol': 'a, b' });
    expect(peer.subprotocol).toBe('b');
  });

  it('is refused with the status, headers and body of the answer', async () => {
    await using opposite = await startOpposite();
    const refused = await openPeer({ host, port: opposite.port, headers: { 'sec-websocket-version': '7' } }).catch((error) => error);
    expect(refused).toBeInstanceOf(HandshakeRefused);
    expect(refused).toMatchObject({ status: 400, headers: { connection: 'close' } });
    expect(refused.message).toBe('the handshake was refused with HTTP status 400; expected 101');
    expect(refused.body).toContain('Sec-WebSocket-Version');
  });

  it('can leave a header out, and is then answered as a plain request, here with a chunked body', async () => {
    const server = createHttpServer((_, response) => response.writeHead(426, { upgrade: 'websocket' }).end('upgrade, please'));
    server.listen(0, host);
    await once(server, 'listening');
    const refused = await openPeer({ host, port: (server.address() as AddressInfo).port, headers: { upgrade: undefined } }).catch(
      (error) => error,
    );
    server.close();
    expect(refused).toMatchObject({ status: 426, body: 'upgrade, please', headers: { upgrade: 'websocket' } });
  });

  it('is refused with a body of no stated length when the connection ends', async () => {
    await using tcp = await startTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 503 Busy\r\n\r\nlater')));
    await expect(openPeer({ host, port: tcp.port })).rejects.toMatchObject({ status: 503, body: 'later' });
  });

  it('fails on a Sec-WebSocket-Accept for another key', async () => {
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: bm8=\r\n\r\n';
    await using tcp = await startTcp((socket) => socket.once('data', () => socket.write(answer)));
    await expect(openPeer({ host, port: tcp.port })).rejects.toThrow(/^expected Sec-WebSocket-Accept \S{28}, found "bm8="$/);
  });

  it("computes the RFC's own example of Sec-WebSocket-Accept", () => {
    expect(acceptFor('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 'expected an HTTP response, found "hello"'],
    ['nothing but a FIN', '', 'expected an answer to the handshake, found that the connection was closed'],
  ])('fails when %s comes', async (_, bytes, message) => {
    await using tcp = await startTcp((socket) => socket.once('data', () => socket.end(bytes)));
    await expect(openPeer({ host, port: tcp.port })).rejects.toThrow(message);
  });

  it('gives up when no answer comes in time', async () => {
    await using tcp = await startTcp(() => {});
    await expect(openPeer({ host, port: tcp.port, handshakeTimeoutMs: 20 })).rejects.toThrow('none came within 20 ms');
  });

  it('gives up when its signal is aborted', async () => {
    await using tcp = await startTcp(() => {});
    const controller = new AbortController();
    const opening = openPeer({ host, port: tcp.port, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });

  it("fails with node's error when nobody listens", async () => {
    const { port } = await startOpposite().then(async (opposite) => {
      await opposite[Symbol.asyncDispose]();
      return opposite;
    });
    await expect(openPeer({ host, port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('bytes around the handshake', () => {
  it('can be glued behind the request, with a FIN at once, and are served', async () => {
    await using opposite = await startOpposite();
    opposite.server.on('connection', (socket) => socket.on('message', (data) => socket.send(`got ${data}`)));
    const glued = writeFrame({ opcode: OPCODE.text, payload: 'early' });
    await using peer = await openPeer({ host, port: opposite.port, glued, endsAtOnce: true });
    expect(await peer.next()).toBe('got early');
  });

  it('are read as frames when they come in the same segment as the answer', async () => {
    const answer = (key: string) => `HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`;
    await using tcp = await startTcp((socket) =>
      socket.once('data', (request) => {
        const key = /^sec-websocket-key: (.*)$/im.exec(request.toString())?.[1]?.trim() ?? '';
        socket.end(Buffer.concat([Buffer.from(answer(key)), writeFrame({ opcode: OPCODE.text, payload: 'first', mask: false })]));
      }),
    );
    await using peer = await openPeer({ host, port: tcp.port });
    expect(await peer.next()).toBe('first');
    expect(await peer.closed).toMatchObject({ code: 1006, kind: 'fin' });
  });
});

it('a peer connects from the address that it is told, and says which port it has', async () => {
  await using opposite = await startOpposite();
  const connected = once(opposite.server, 'connection');
  await using peer = await openPeer({ host, port: opposite.port, localAddress: '127.0.0.9' });
  const [, request] = (await connected) as [WebSocket, { socket: Socket }];
  expect(request.socket.remoteAddress).toBe('127.0.0.9');
  expect(request.socket.remotePort).toBe(peer.localPort);
});

it('a peer reads no more at a time than its own buffer holds', async () => {
  await using opposite = await startOpposite();
  let reads = 0;
  const { peer, other } = await opposite.meet({
    onText: () => {},
    onMessage: () => {},
    onRead: () => reads++,
    readBuffer: Buffer.alloc(100),
  });
  await using _peer = peer;
  other.send('x'.repeat(10_000));
  await peer.barrier();
  expect(reads).toBeGreaterThanOrEqual(100);
});

describe.each<[string, 'inbox' | 'onMessage' | 'onText']>([
  ['with an inbox', 'inbox'],
  ['with onMessage', 'onMessage'],
  ['with onText', 'onText'],
])('receiving %s', (_, way) => {
  /** Collects messages either way. */
  async function meetAndCollect(opposite: Awaited<ReturnType<typeof startOpposite>>, options: Partial<PeerOptions> = {}) {
    const seen: string[] = [];
    const onMessage = (payload: Buffer) => seen.push(payload.toString());
    const onText = (bytes: Buffer, start: number, end: number) => seen.push(bytes.toString('utf8', start, end));
    const ways = { inbox: {}, onMessage: { onMessage }, onText: { onText, onMessage } };
    const met = await opposite.meet({ ...options, ...ways[way] });
    return { ...met, messages: () => (way === 'inbox' ? met.peer.inbox : seen) };
  }

  it('gives messages whole and in order, fragmented and large ones too', async () => {
    await using opposite = await startOpposite();
    const { peer, other, messages } = await meetAndCollect(opposite);
    await using _peer = peer;
    const large = 'x'.repeat(300_000);
    other.send('one');
    other.send('tw', { fin: false });
    other.send('o', { fin: true });
    other.send(large);
    await peer.barrier();
    expect(messages()).toEqual(['one', 'two', large]);
  });

  it('tells when bytes have come before it tells what they are', async () => {
    await using opposite = await startOpposite();
    const order: string[] = [];
    const told = { onMessage: () => order.push('message'), onText: () => order.push('text'), onRead: () => order.push('read') };
    const { peer, other } = await opposite.meet({ onRead: told.onRead, ...(way === 'inbox' ? {} : { [way]: told[way] }) });
    await using _peer = peer;
    other.send('one');
    await peer.barrier();
    expect(order[0]).toBe('read');
    if (way !== 'inbox') expect(order[1]).toBe(way === 'onText' ? 'text' : 'message');
  });

  it('reads nothing while it is paused, and everything after', async () => {
    await using opposite = await startOpposite();
    const { peer, other, messages } = await meetAndCollect(opposite);
    await using _peer = peer;
    peer.pause();
    let sent = 0;
    // Until the buffers of both operating systems' ends are full, which nobody empties.
    while (other.bufferedAmount < 1_000_000) {
      other.send('y'.repeat(100_000));
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(messages()).toHaveLength(0);
    peer.resume();
    await expect.poll(() => messages().length).toBe(sent);
  });

  it('answers pings and the close frame by itself', async () => {
    await using opposite = await startOpposite();
    const { peer, other } = await meetAndCollect(opposite);
    const pong = once(other, 'pong');
    other.ping('are you there');
    expect(String((await pong)[0])).toBe('are you there');
    const closed = once(other, 'close');
    other.close(4400, '/sender: é');
    expect(await peer.closed).toEqual({ code: 4400, reason: '/sender: é', clean: true, kind: 'close-frame' });
    expect((await closed)[0]).toBe(4400);
  });

  it('answers neither when told so', async () => {
    await using opposite = await startOpposite();
    const frames: number[] = [];
    const options = { answerPings: false, answerClose: false, onFrame: (frame: Frame) => void frames.push(frame.opcode) };
    const { peer, other } = await meetAndCollect(opposite, options);
    let pongs = 0;
    other.on('pong', () => pongs++);
    other.ping();
    await peer.barrier();
    peer.send('a fence');
    await once(other, 'message');
    expect(pongs).toBe(0);
    other.close(1000);
    other.once('close', () => {});
    await expect.poll(() => frames).toContain(OPCODE.close);
    other.terminate();
    expect(await peer.closed).toMatchObject({ code: 1000, clean: false, kind: 'close-frame' });
  });

  it('tells a FIN from a reset, and both from a close frame without a code', async () => {
    await using opposite = await startOpposite();
    const fin = await meetAndCollect(opposite);
    (fin.other as unknown as { _socket: Socket })._socket.end();
    expect(await fin.peer.closed).toEqual({ code: 1006, reason: '', clean: false, kind: 'fin' });
    const reset = await meetAndCollect(opposite);
    (reset.other as unknown as { _socket: Socket })._socket.resetAndDestroy();
    expect(await reset.peer.closed).toMatchObject({ code: 1006, kind: 'reset' });
    const bare = await meetAndCollect(opposite);
    bare.other.close();
    expect(await bare.peer.closed).toMatchObject({ code: 1005, clean: true, kind: 'close-frame' });
  });
});

describe('sending', () => {
  it('sends text, any frame and any bytes', async () => {
    await using opposite = await startOpposite();
    const { peer, other } = await opposite.meet();
    await using _peer = peer;
    const got: string[] = [];
    other.on('message', (data) => got.push(String(data)));
    peer.send('text');
    peer.frame({ opcode: OPCODE.text, fin: false, payload: 'in ' });
    peer.frame({ opcode: OPCODE.continuation, payload: 'pieces' });
    peer.bytes(writeFrame({ opcode: OPCODE.text, payload: 'bytes', mask: new Uint8Array(4) }));
    await peer.barrier();
    expect(got).toEqual(['text', 'in pieces', 'bytes']);
  });

  it('may break the protocol, and learns the code', async () => {
    await using opposite = await startOpposite();
    const { peer } = await opposite.meet();
    peer.frame({ opcode: OPCODE.text, payload: 'x', mask: false });
    expect(await peer.closed).toMatchObject({ code: 1002, kind: 'close-frame' });
  });

  it('closes with a code and a reason', async () => {
    await using opposite = await startOpposite();
    const { peer, other } = await opposite.meet();
    const closed = once(other, 'close');
    expect(await peer.close(1000, 'done')).toMatchObject({ code: 1000, clean: true });
    expect((await closed).map(String)).toEqual(['1000', 'done']);
  });

  it('resets the connection when destroyed', async () => {
    await using opposite = await startOpposite();
    const { peer, other } = await opposite.meet();
    const reset = once((other as unknown as { _socket: Socket })._socket, 'error');
    peer.destroy();
    expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await peer.closed).toMatchObject({ kind: 'reset', code: 1006 });
  });
});

describe('awaiting', () => {
  it('says what was awaited when nothing came in time', async () => {
    await using opposite = await startOpposite();
    const { peer } = await opposite.meet();
    await using _peer = peer;
    await expect(peer.next({ timeoutMs: 10, what: 'the hello' })).rejects.toThrow('awaited the hello for 10 ms, none came');
  });

  it('ends at once when the connection is closed, after the messages that came', async () => {
    await using opposite = await startOpposite();
    const { peer, other } = await opposite.meet();
    other.send('last');
    other.close(4400, 'bad');
    await peer.closed;
    expect(await peer.next()).toBe('last');
    await expect(peer.next()).rejects.toThrow('awaited a message, but the connection is closed: 4400 bad');
    await expect(peer.barrier()).rejects.toThrow('awaited a pong, but the connection is closed: 4400 bad');
  });

  it('gives each of several waiters its own message', async () => {
    await using opposite = await startOpposite();
    const { peer, other } = await opposite.meet();
    await using _peer = peer;
    const waiting = [peer.next(), peer.next()];
    other.send('a');
    other.send('b');
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
  });
});
