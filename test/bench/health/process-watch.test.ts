import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { backlogMs, watchProcess } from '../../../src/bench/health/process-watch.js';
import { readUnread } from '../../../src/bench/health/unread.js';

const NOBODY: ReadonlySet<number> = new Set();
const onLinux = test.runIf(process.platform === 'linux');

describe('watchProcess', () => {
  test('counts the CPU of this process since the last look', async () => {
    const watch = watchProcess({ targetPort: 1, hostilePorts: () => NOBODY });
    compute(50);
    const first = await watch.sample();
    expect(first.cpuUs).toBeGreaterThanOrEqual(50_000);
    expect(first.cores).toBeCloseTo(first.cpuUs / 1000 / first.spanMs, 6);
    expect(first.cpuShare).toBeGreaterThan(0);
    expect(first.cpuShare).toBeLessThanOrEqual(1);
    const before = process.cpuUsage();
    compute(10);
    const { user, system } = process.cpuUsage(before);
    expect((await watch.sample()).cpuUs).toBeGreaterThanOrEqual(user + system);
  });

  onLinux.each(['127.0.0.1', '::1'])('tells what waits unread for connections to %s, hostile ones left out', async (host) => {
    await using line = await unreadLine(host);
    const unread = await readUnread({ targetPort: line.port, hostilePorts: NOBODY });
    expect(unread).toMatchObject({ bytes: line.bytes, connections: 1 });
    const watch = watchProcess({ targetPort: line.port, hostilePorts: () => NOBODY });
    expect((await watch.sample()).unreadBytes).toBe(line.bytes);
    const blind = watchProcess({ targetPort: line.port, hostilePorts: () => new Set([line.localPort]) });
    expect((await blind.sample()).unreadBytes).toBe(0);
  });
});

describe('readUnread', () => {
  const lines = Array.from({ length: 2000 }, (_, index) => tableLine(index));

  test.each([
    ['a list that comes in several pieces', lines.join(''), NOBODY, { bytes: 256 * 1000, connections: 1000 }],
    ['a list without those left out', lines.join(''), new Set([10_000, 10_002]), { bytes: 256 * 998, connections: 998 }],
    ['an empty list', 'sl local rem\n', NOBODY, { bytes: 0, connections: 0 }],
  ])('adds up %s', async (_title, text, hostilePorts, expected) => {
    const folder = await mkdtemp(join(tmpdir(), 'wsn-'));
    try {
      await writeFile(join(folder, 'tcp'), text);
      const paths = [join(folder, 'tcp'), join(folder, 'none')];
      const found = expected.connections > 0 ? paths.slice(0, 1) : [];
      expect(await readUnread({ targetPort: 8000, hostilePorts }, paths)).toEqual({ ...expected, paths: found });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('has nothing to tell where there is no list', async () => {
    expect(await readUnread({ targetPort: 8000, hostilePorts: NOBODY }, ['/nowhere/tcp'])).toBeNull();
  });
});

describe('backlogMs', () => {
  test.each([
    [1000, 10_000, 100],
    [0, 0, 0],
    [0, 1000, 0],
    [1000, 0, null],
    [null, 1000, null],
  ])('turns %s bytes, of which %s a second are received, into %s ms', (bytes, perSecond, ms) => {
    expect(backlogMs(bytes, perSecond)).toBe(ms);
  });
});

/** Every other connection is one to port 8000 (1F40) with 256 bytes unread, the others are the broker's ends. */
function tableLine(index: number): string {
  const own = `0100007F:${(10_000 + index).toString(16).toUpperCase()}`;
  const ends = index % 2 === 0 ? `${own} 0100007F:1F40` : `0100007F:1F40 ${own}`;
  return `${String(index).padStart(4)}: ${ends} 01 00000000:00000100 00:00000000 00000000     0        0 12345 1 0000000000000000\n`;
}

/** Computes until this process has used so many ms of processor time. */
function compute(ms: number): void {
  const before = process.cpuUsage();
  for (let used = 0; used < ms * 1000; ) {
    const { user, system } = process.cpuUsage(before);
    used = user + system;
  }
}

/** A connection whose client has stopped reading, and what the kernel holds for it when it takes no more. */
async function unreadLine(host: string): Promise<AsyncDisposable & { port: number; localPort: number; bytes: number }> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket.on('error', () => {}));
    socket.write(Buffer.alloc(16 << 20));
  }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host, port });
  await once(client, 'connect');
  client.pause();
  return {
    port,
    localPort: client.localPort ?? 0,
    bytes: await settled(port),
    [Symbol.asyncDispose]: async () => {
      for (const socket of [client, ...accepted]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What is unread when it has been the same, and something, for ten looks. */
async function settled(port: number): Promise<number> {
  let last = 0;
  for (let same = 0; same < 10; ) {
    await sleep(10);
    const bytes = (await readUnread({ targetPort: port, hostilePorts: NOBODY }))?.bytes ?? 0;
    same = bytes > 0 && bytes === last ? same + 1 : 0;
    last = bytes;
  }
  return last;
}
