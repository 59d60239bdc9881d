import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { kernelQueues, type TcpEnds } from '../../src/server/kernel-queue.js';

const MEBIBYTE = Buffer.alloc(1024 * 1024);

/** Both ends of a connection on this machine. */
async function pair(host: string, to: string): Promise<{ near: Socket; far: Socket } & AsyncDisposable> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const far = connect({ host: to, port: (server.address() as { port: number }).port });
  const [near] = await accepted;
  far.pause();
  for (const socket of [near, far]) socket.on('error', () => {});
  return {
    near,
    far,
    async [Symbol.asyncDispose]() {
      near.destroy();
      far.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function endsOf({ localPort, remoteAddress, remotePort }: Socket): TcpEnds {
  return { localPort: localPort as number, remoteAddress: remoteAddress as string, remotePort: remotePort as number };
}

describe.runIf(process.platform === 'linux')('what the kernel holds of a connection', () => {
  test.each([
    ['an IPv4 socket', '127.0.0.1', '127.0.0.1'],
    ['an IPv6 socket', '::1', '::1'],
    ['an IPv4 peer of an IPv6 socket', '::', '127.0.0.1'],
  ])('is known for %s, and falls while the other end reads', async (_kind, host, to) => {
    await using ends = await pair(host, to);
    while (ends.near.write(MEBIBYTE) || ends.near.writableLength === 0);
    const ask = async (): Promise<number> => (await kernelQueues([endsOf(ends.near)]))[0] as number;
    await expect.poll(ask).toBeGreaterThan(100_000);
    const before = await ask();
    ends.far.resume();
    await expect.poll(ask).toBeLessThan(before);
  });

  test('is not known for a connection that is not there', async () => {
    expect(await kernelQueues([{ localPort: 1, remoteAddress: '192.0.2.1', remotePort: 1 }])).toEqual([undefined]);
  });
});
