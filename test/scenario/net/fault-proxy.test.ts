import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../../src/scenario/net/fault-proxy.js';

const host = '127.0.0.1';

/** One end of a connection, and what has happened to it. */
interface End {
  readonly socket: Socket;
  readonly text: string;
  readonly bytes: number;
  /** `fin` as soon as one has come; `reset` when the connection has ended by one. */
  readonly fate: 'open' | 'fin' | 'reset';
}

function watch(socket: Socket): End {
  const end = { socket, text: '', bytes: 0, fate: 'open' as End['fate'] };
  socket.on('data', (chunk: Buffer) => {
    end.bytes += chunk.length;
    if (end.bytes < 10_000) end.text += chunk.toString();
  });
  socket.once('end', () => {
    end.fate = 'fin';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') end.fate = 'reset';
  });
  return end;
}

/** A TCP server behind a proxy, and pairs of ends that are connected through it. */
async function startLine() {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, host), 'listening');
  const proxy: FaultProxy = await startFaultProxy({ host, port: (server.address() as AddressInfo).port });
  return {
    proxy,
    async meet(): Promise<{ client: End; other: End }> {
      const accepted = once(server, 'connection');
      const client = connect({ host, port: proxy.port, allowHalfOpen: true });
      const [other] = (await accepted) as [Socket];
      sockets.push(client, other);
      return { client: watch(client), other: watch(other) };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await proxy[Symbol.asyncDispose]();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes, and tells whether the bytes have gone within a while; if not, nobody reads. */
async function takes(socket: Socket, bytes: Buffer): Promise<boolean> {
  if (socket.write(bytes)) return true;
  return once(socket, 'drain', { signal: AbortSignal.timeout(500) }).then(
    () => true,
    () => false,
  );
}

describe('a line without a fault', () => {
  it('passes bytes both ways, and the FIN of each side behind them while the other may still send', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    client.socket.end('question');
    await expect.poll(() => other.fate).toBe('fin');
    expect(other.text).toBe('question');
    expect(client.fate).toBe('open');
    other.socket.end('answer');
    await expect.poll(() => client.fate).toBe('fin');
    expect(client.text).toBe('answer');
  });

  it('passes a reset on as a reset, behind the bytes before it', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    other.socket.write('last words');
    await expect.poll(() => client.text).toBe('last words');
    other.socket.resetAndDestroy();
    await expect.poll(() => client.fate).toBe('reset');
  });

  it('does not read ahead without bound of a reader that has stopped', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    client.socket.pause();
    const chunk = Buffer.alloc(1024 * 1024);
    // The buffers of four ends of the system take some MiB each, the proxy takes up to 16.
    let sent = 0;
    while (sent < 200 && (await takes(other.socket, chunk))) sent++;
    expect(sent).toBeLessThan(200);
    client.socket.resume();
    other.socket.end();
    await expect.poll(() => client.fate, { timeout: 10_000 }).toBe('fin');
    expect(client.bytes).toBe(other.socket.bytesWritten);
  });

  it('resets a client whose server does not listen', async () => {
    const server = createServer();
    await once(server.listen(0, host), 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await using proxy = await startFaultProxy({ host, port });
    const client = watch(connect(proxy.port, host));
    await expect.poll(() => client.fate).toBe('reset');
  });
});

describe('a delay', () => {
  it('holds back bytes of both directions and a FIN for its time, and keeps their order', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    line.proxy.apply({ delayMs: 150 });
    const start = performance.now();
    for (let i = 0; i < 10; i++) client.socket.write(`${i}`);
    client.socket.end();
    await expect.poll(() => other.fate, { interval: 5 }).toBe('fin');
    expect(other.text).toBe('0123456789');
    expect(performance.now() - start).toBeGreaterThanOrEqual(149);
    const answered = performance.now();
    other.socket.end('back');
    await expect.poll(() => client.text, { interval: 5 }).toBe('back');
    expect(performance.now() - answered).toBeGreaterThanOrEqual(149);
  });

  it('is mended by 0: what waits passes at once, before what comes later', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    line.proxy.apply({ delayMs: 3_600_000 });
    client.socket.write('first ');
    other.socket.write('seen');
    line.proxy.apply({ delayMs: 0 });
    client.socket.write('second');
    await expect.poll(() => other.text).toBe('first second');
    await expect.poll(() => client.text).toBe('seen');
  });
});

describe('a throttle', () => {
  it('passes no more than so many bytes in a second', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    line.proxy.apply({ bytesPerSecond: 10_000 });
    const start = performance.now();
    client.socket.end(Buffer.alloc(3000));
    await expect.poll(() => other.fate, { interval: 5 }).toBe('fin');
    expect(other.bytes).toBe(3000);
    expect(performance.now() - start).toBeGreaterThanOrEqual(230);
  });

  it('is felt by the sender, and 0 mends it', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    line.proxy.apply({ bytesPerSecond: 1000 });
    const chunk = Buffer.alloc(1024 * 1024);
    let sent = 0;
    while (sent < 100 && (await takes(other.socket, chunk))) sent++;
    expect(sent).toBeLessThan(100);
    expect(client.bytes).toBeLessThan(100_000);
    line.proxy.apply({ bytesPerSecond: 0 });
    other.socket.end();
    await expect.poll(() => client.fate, { timeout: 10_000 }).toBe('fin');
    expect(client.bytes).toBe(other.socket.bytesWritten);
  });
});

describe('a half-open line', () => {
  it('passes nothing any more and tells nobody: neither bytes, nor a FIN, nor a reset', async () => {
    await using line = await startLine();
    const half = await line.meet();
    half.client.socket.write('before');
    await expect.poll(() => half.other.text).toBe('before');
    line.proxy.apply({ halfOpen: true });
    half.client.socket.write(' after');
    half.client.socket.end();
    half.other.socket.write('after');
    half.other.socket.resetAndDestroy();
    // A connection that is made and used after all that goes the same way and arrives.
    const fence = await line.meet();
    fence.client.socket.write('fence');
    await expect.poll(() => fence.other.text).toBe('fence');
    expect(half.other.text).toBe('before');
    expect(half.client).toMatchObject({ text: '', fate: 'open' });
  });
});

describe('a reset', () => {
  it('hits both sides', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    client.socket.write('there');
    await expect.poll(() => other.text).toBe('there');
    line.proxy.apply({ reset: true });
    await expect.poll(() => [client.fate, other.fate]).toEqual(['reset', 'reset']);
  });
});

describe('a cut', () => {
  it.each(['client', 'server'] as const)(
    'lets exactly so many bytes of the %s pass, whatever the other side sends, and resets both',
    async (from) => {
      await using line = await startLine();
      const { client, other } = await line.meet();
      const [sender, receiver] = from === 'client' ? [client, other] : [other, client];
      line.proxy.apply({ cutAfterBytes: 10, from });
      receiver.socket.write('more than ten bytes of the other side');
      await expect.poll(() => sender.text).toBe('more than ten bytes of the other side');
      sender.socket.write('0123');
      await expect.poll(() => receiver.text).toBe('0123');
      sender.socket.write('456789ABC');
      await expect.poll(() => [client.fate, other.fate]).toEqual(['reset', 'reset']);
      expect(receiver.text).toBe('0123456789');
    },
  );

  it('of no bytes at all resets at once', async () => {
    await using line = await startLine();
    const { client, other } = await line.meet();
    line.proxy.apply({ cutAfterBytes: 0, from: 'client' });
    await expect.poll(() => [client.fate, other.fate]).toEqual(['reset', 'reset']);
  });

  it('waits for a connection, and spares the one after it', async () => {
    await using line = await startLine();
    line.proxy.apply({ cutAfterBytes: 3, from: 'client' });
    const first = await line.meet();
    first.client.socket.write('abcdef');
    await expect.poll(() => [first.client.fate, first.other.text]).toEqual(['reset', 'abc']);
    const second = await line.meet();
    second.client.socket.write('abcdef');
    await expect.poll(() => second.other.text).toBe('abcdef');
  });
});
