import { describe, expect, test } from 'vitest';
import { type CgroupLimits, cgroupLimits } from '../../../src/bench/health/cgroup.js';

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly limits: CgroupLimits;
}

const V2 = '0::/system.slice/wsn.service\n';
const V1 = '9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n';

const CASES: readonly Case[] = [
  { title: 'a system that has none', files: {}, limits: { cores: null, freeBytes: null } },
  {
    title: 'groups of version 2 without limits',
    files: { '/proc/self/cgroup': V2, '/sys/fs/cgroup/cpu.max': 'max 100000\n', '/sys/fs/cgroup/memory.max': 'max\n' },
    limits: { cores: null, freeBytes: null },
  },
  {
    title: 'the quota and the memory of its own group',
    files: {
      '/proc/self/cgroup': V2,
      '/sys/fs/cgroup/system.slice/wsn.service/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/system.slice/wsn.service/memory.max': '1000000\n',
      '/sys/fs/cgroup/system.slice/wsn.service/memory.current': '400000\n',
      '/sys/fs/cgroup/system.slice/wsn.service/memory.stat': 'anon 300000\ninactive_file 100000\nactive_file 5\n',
    },
    limits: { cores: 1.5, freeBytes: 700_000 },
  },
  {
    title: 'the tighter one of a group that it lies in',
    files: {
      '/proc/self/cgroup': V2,
      '/sys/fs/cgroup/system.slice/wsn.service/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/system.slice/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/system.slice/wsn.service/memory.max': '1000\n',
      '/sys/fs/cgroup/system.slice/memory.max': '5000\n',
      '/sys/fs/cgroup/system.slice/memory.current': '4900\n',
    },
    limits: { cores: 2, freeBytes: 100 },
  },
  {
    title: 'a container, which sees its group at the root, whatever path it is told',
    files: {
      '/proc/self/cgroup': V1,
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '2000\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1500\n',
      '/sys/fs/cgroup/memory/memory.stat': 'inactive_file 7\ntotal_inactive_file 500\n',
    },
    limits: { cores: 0.5, freeBytes: 1000 },
  },
  {
    title: 'groups of version 1 without limits',
    files: {
      '/proc/self/cgroup': V1,
      '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes': '1500\n',
    },
    limits: { cores: null, freeBytes: null },
  },
  {
    title: 'a group that uses more than its limit',
    files: { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': '1000\n', '/sys/fs/cgroup/memory.current': '1200\n' },
    limits: { cores: null, freeBytes: 0 },
  },
];

describe('cgroupLimits', () => {
  test.each(CASES)('reads $title', async ({ files, limits }) => {
    expect(await cgroupLimits((path) => Promise.resolve(files[path] ?? null))).toEqual(limits);
  });

  test('reads this machine without a complaint', async () => {
    const { cores, freeBytes } = await cgroupLimits();
    expect(cores === null || cores > 0).toBe(true);
    expect(freeBytes === null || freeBytes >= 0).toBe(true);
  });
});
