import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BenchError } from '../../../src/bench/bench-error.js';
import { ANY_IPV6, type LocalPorts, type MachineFacts } from '../../../src/bench/health/machine-facts.js';
import { type MachineWish, planMachine } from '../../../src/bench/health/plan-machine.js';
import { localAddressOf } from '../../../src/bench/target.js';

const PORTS: LocalPorts = { first: 32_768, last: 60_999, taken: new Map() };
const RANGE = 28_232;

/** A machine on which nothing is short. */
const LARGE: MachineFacts = {
  targetAddress: '127.0.0.1',
  openFiles: { limit: 1_048_576, inUse: 30, raisedBy: 'user' },
  ports: PORTS,
  memory: { freeBytes: 64e9, isLimitedByGroup: false },
};

/** One that tells nothing of itself. */
const SILENT: MachineFacts = { targetAddress: null, openFiles: null, ports: null, memory: null };

const WISH: MachineWish = { connections: 1000, host: 'localhost', port: 8000, workers: 1, startsOwnBroker: false };

const taken = (count: number, address = '127.0.0.1'): LocalPorts => ({ ...PORTS, taken: new Map([[address, count]]) });

const WIDEN = '`sysctl -w net.ipv4.ip_local_port_range="1024 65535"` as root';

interface Refusal {
  readonly title: string;
  readonly facts: Partial<MachineFacts>;
  readonly wish: Partial<MachineWish>;
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'too few open files',
    facts: { openFiles: { limit: 1024, inUse: 30, raisedBy: 'user' } },
    wish: {},
    says: '1,000 connections need about 1,126 open files and 1,024 are allowed: run `ulimit -n 2048` in this shell first',
  },
  {
    title: 'too few open files for one who may not raise the limit',
    facts: { openFiles: { limit: 20_000, inUse: 30, raisedBy: 'sudo' } },
    wish: { connections: 20_000, workers: 2 },
    says: '20,000 connections need about 20,142 open files and 20,000 are allowed: run `sudo prlimit --nofile=20480 --pid $$` in this shell first',
  },
  {
    title: 'too few open files in a container',
    facts: { openFiles: { limit: 20_000, inUse: 30, raisedBy: 'outside' } },
    wish: { connections: 40_000 },
    says: '40,000 connections need about 40,126 open files and 20,000 are allowed: start this container with `--ulimit nofile=40960`, or this service with `LimitNOFILE=40960`',
  },
  {
    title: 'too few ports to another machine',
    facts: { targetAddress: '192.0.2.1' },
    wish: { connections: 30_000 },
    says: `30,000 connections to 192.0.2.1 need as many local ports and 28,232 are free: run ${WIDEN}, or divide the load among several machines`,
  },
  {
    title: 'more connections to another machine than there are ports at all',
    facts: { targetAddress: '192.0.2.1' },
    wish: { connections: 64_513 },
    says: '64,513 connections to 192.0.2.1 need as many local ports and 28,232 are free: divide the load among several machines',
  },
  {
    title: 'ports that are in use already',
    facts: { targetAddress: '192.0.2.1', ports: taken(28_000, '192.0.2.9') },
    wish: {},
    says: `1,000 connections to 192.0.2.1 need as many local ports and 232 are free: run ${WIDEN}, or divide the load among several machines`,
  },
  {
    title: 'too few ports to ::1, which has no other addresses',
    facts: { targetAddress: '::1', ports: taken(1000, ANY_IPV6) },
    wish: { connections: 28_000 },
    says: `28,000 connections to ::1 need as many local ports and 27,232 are free: run ${WIDEN}, or have the broker listen on 127.0.0.1, which is reached from several addresses`,
  },
  {
    title: 'a range of ports that is too small even for many addresses',
    facts: { ports: { first: 40_000, last: 40_009, taken: new Map() } },
    wish: { connections: 2000 },
    says: `2,000 connections need more local ports than 40000 to 40009, even from 254 loopback addresses: run ${WIDEN}`,
  },
  {
    title: 'a range of a single port',
    facts: { ports: { first: 40_000, last: 40_000, taken: new Map() } },
    wish: { connections: 2 },
    says: `2 connections need more local ports than 40000 to 40000, even from 254 loopback addresses: run ${WIDEN}`,
  },
  {
    title: 'too little memory',
    facts: { memory: { freeBytes: 550e6, isLimitedByGroup: false } },
    wish: { connections: 20_000, workers: 2 },
    says: '20,000 connections need about 580 MB of memory and 550 MB are free: lower --subscribers to 18536 or use a machine with more memory',
  },
  {
    title: 'too little memory for a broker beside it',
    facts: { memory: { freeBytes: 550e6, isLimitedByGroup: false } },
    wish: { connections: 15_000, workers: 2, startsOwnBroker: true },
    says: '15,000 connections need about 650 MB of memory and 550 MB are free: lower --subscribers to 11875 or use a machine with more memory',
  },
  {
    title: 'too little memory in a container',
    facts: { memory: { freeBytes: 100e6, isLimitedByGroup: true } },
    wish: {},
    says: '1,000 connections need about 161 MB of memory and 100 MB are free: end other programs or raise the memory limit of this container',
  },
];

/** Addresses that connections are made from. */
const ADDRESSES: readonly { title: string; facts: Partial<MachineFacts>; connections: number; addresses: readonly string[] }[] = [
  { title: 'few connections from where the system chooses', facts: {}, connections: 20_000, addresses: [] },
  { title: 'one more than an address makes from two', facts: {}, connections: 20_001, addresses: ['127.0.0.1', '127.0.0.2'] },
  {
    title: 'many from as many as they need',
    facts: {},
    connections: 200_000,
    addresses: Array.from({ length: 10 }, (_, index) => `127.0.0.${index + 1}`),
  },
  {
    title: 'from another one when the first has no ports left',
    facts: { ports: taken(27_000) },
    connections: 2000,
    addresses: ['127.0.0.2'],
  },
  { title: 'from the first when it has ports left', facts: { ports: taken(20_000) }, connections: 2000, addresses: [] },
  {
    title: 'from several when the range is narrow',
    facts: { ports: { first: 40_000, last: 40_099, taken: new Map() } },
    connections: 200,
    addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
  },
  {
    title: 'to any address of the loopback',
    facts: { targetAddress: '127.1.2.3' },
    connections: 30_000,
    addresses: ['127.0.0.1', '127.0.0.2'],
  },
  { title: 'to another machine from where the system chooses', facts: { targetAddress: '192.0.2.1' }, connections: RANGE, addresses: [] },
  {
    title: 'to another machine, whatever IPv6 connections there are',
    facts: { targetAddress: '192.0.2.1', ports: taken(20_000, ANY_IPV6) },
    connections: RANGE,
    addresses: [],
  },
  {
    title: 'to ::1 from where the system chooses',
    facts: { targetAddress: '::1', ports: taken(20_000) },
    connections: RANGE,
    addresses: [],
  },
];

describe('planMachine', () => {
  test.each(REFUSALS)('refuses $title with the remedy', ({ facts, wish, says }) => {
    const plan = () => planMachine({ ...LARGE, ...facts }, { ...WISH, ...wish });
    expect(plan).toThrow(new BenchError('machine', says));
  });

  test.each(ADDRESSES)('connects $title', ({ facts, connections, addresses }) => {
    expect(planMachine({ ...LARGE, ...facts }, { ...WISH, connections }).sourceAddresses).toEqual(addresses);
  });

  test('refuses nothing on a system that tells nothing', () => {
    expect(planMachine(SILENT, { ...WISH, connections: 1_000_000, startsOwnBroker: true })).toEqual({ sourceAddresses: [] });
  });

  test('needs no more than it says: with the remedy the same run is planned', () => {
    for (const { facts, wish } of [
      { facts: { openFiles: { limit: 2048, inUse: 30, raisedBy: 'user' as const } }, wish: {} },
      { facts: { memory: { freeBytes: 550e6, isLimitedByGroup: false } }, wish: { connections: 18_536, workers: 2 } },
      { facts: { targetAddress: '192.0.2.1', ports: { ...PORTS, first: 1024, last: 65_535 } }, wish: { connections: 30_000 } },
    ]) {
      expect(() => planMachine({ ...LARGE, ...facts }, { ...WISH, ...wish })).not.toThrow();
    }
  });

  test('gives no address more connections than 20,000, nor than it has free ports', () => {
    const busy = fc.dictionary(
      fc.integer({ min: 1, max: 254 }).map((last) => `127.0.0.${last}`),
      fc.integer({ min: 0, max: RANGE }),
      { maxKeys: 20 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), busy, (connections, counts) => {
        const ports = { ...PORTS, taken: new Map(Object.entries(counts)) };
        const { sourceAddresses } = planMachine({ ...LARGE, ports }, { ...WISH, connections });
        const made = new Map<string, number>();
        for (let connection = 0; connection < connections; connection++) {
          const { localAddress: address = '127.0.0.1' } = localAddressOf(sourceAddresses, connection);
          made.set(address, (made.get(address) ?? 0) + 1);
        }
        expect(new Set(sourceAddresses.length === 0 ? ['127.0.0.1'] : sourceAddresses)).toEqual(new Set(made.keys()));
        for (const [address, count] of made) {
          expect(count).toBeLessThanOrEqual(20_000);
          expect(count + (counts[address] ?? 0)).toBeLessThanOrEqual(RANGE);
        }
      }),
      { numRuns: 30 },
    );
  });
});
