import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ANY_IPV6, readFacts } from '../../../src/bench/health/machine-facts.js';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** Connections to port 8000 (1F40) from three addresses, one of them long gone (06), the broker's ends of two, and others. */
const TCP = `${HEAD}   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:9C40 0100007F:1F40 01 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0100007F:1F40 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 3 1
   3: 0200007F:9C40 0100007F:1F40 06 00000000:00000000 00:00000000 00000000     0        0 0 3
   4: 0200007F:9C41 0100007F:1F40 01 00000000:00000000 00:00000000 00000000     0        0 4 1
   5: 0900A8C0:9C41 0A00A8C0:1F40 01 00000000:00000000 00:00000000 00000000     0        0 5 1
   6: 0100007F:9C42 0100007F:01F4 01 00000000:00000000 00:00000000 00000000     0        0 6 1
`;
const TCP6 = `${HEAD}   0: 00000000000000000000000001000000:9C40 00000000000000000000000001000000:1F40 01 00000000:00000000 00:00000000 00000000     0        0 7 1
`;

const FILES: Readonly<Record<string, string>> = {
  '/proc/self/limits':
    'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            20000                30000                files     \n',
  '/proc/self/status': 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n',
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/net/tcp': TCP,
  '/proc/net/tcp6': TCP6,
  '/proc/meminfo': 'MemTotal:       24684084 kB\nMemFree:        20000000 kB\nMemAvailable:   22000000 kB\n',
};

const reading = (files: Readonly<Record<string, string>>) => (path: string) => Promise.resolve(files[path] ?? null);

const TARGET = { host: '127.0.0.1', port: 8000 };

describe('readFacts', () => {
  test('reads what the system tells', async () => {
    const facts = await readFacts(TARGET, reading(FILES));
    expect(facts).toEqual({
      targetAddress: '127.0.0.1',
      openFiles: { limit: 20_000, inUse: expect.any(Number), raisedBy: 'sudo' },
      ports: {
        first: 32_768,
        last: 60_999,
        taken: new Map([
          ['127.0.0.1', 1],
          ['127.0.0.2', 2],
          ['192.168.0.9', 1],
          [ANY_IPV6, 1],
        ]),
      },
      memory: { freeBytes: 22_000_000 * 1024, isLimitedByGroup: false },
    });
  });

  test.each([
    ['whoever runs this as root', '0', '000001ffffffffff', 'user'],
    ['another user with the capability', '1000', '0000000001000000', 'user'],
    ['only somebody with sudo when it is run by a user', '1000', '0000000000000000', 'sudo'],
    ['nobody in a container when even root has not the capability', '0', '000001fffeffffff', 'outside'],
  ])('knows that the limit of open files is raised by %s', async (_title, uid, capabilities, raisedBy) => {
    const status = `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${capabilities}\n`;
    const { openFiles } = await readFacts(TARGET, reading({ ...FILES, '/proc/self/status': status }));
    expect(openFiles?.raisedBy).toBe(raisedBy);
  });

  test('tells of the memory that a control group leaves when that is less', async () => {
    const group = { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': '5000\n', '/sys/fs/cgroup/memory.current': '1000\n' };
    const { memory } = await readFacts(TARGET, reading({ ...FILES, ...group }));
    expect(memory).toEqual({ freeBytes: 4000, isLimitedByGroup: true });
  });

  test('has nothing to tell of a system that tells nothing', async () => {
    const facts = await readFacts(TARGET, reading({}));
    expect(facts).toEqual({ targetAddress: '127.0.0.1', openFiles: null, ports: null, memory: null });
  });

  test('leaves it to those who connect to complain of a host that has no address', async () => {
    const { targetAddress } = await readFacts({ host: 'nowhere.invalid', port: 80 }, reading(FILES));
    expect(targetAddress).toBeNull();
  });

  test.runIf(process.platform === 'linux')('counts the connections that this machine has, from each address', async () => {
    await using server = await listening();
    const sockets = ['127.0.0.1', '127.0.0.7', '127.0.0.7'].map((localAddress) =>
      connect({ host: '127.0.0.1', port: server.port, localAddress }),
    );
    try {
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      const { ports, openFiles, memory } = await readFacts({ host: '127.0.0.1', port: server.port });
      expect(ports?.taken).toEqual(
        new Map([
          ['127.0.0.1', 1],
          ['127.0.0.7', 2],
        ]),
      );
      expect(openFiles?.limit).toBeGreaterThan(openFiles?.inUse ?? Number.POSITIVE_INFINITY);
      expect(memory?.freeBytes).toBeGreaterThan(0);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});

async function listening(): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
