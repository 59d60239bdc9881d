import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';

/** What the control groups that this process is in leave to it; `null` where none limits it. */
export interface CgroupLimits {
  /** Cores, as a quota of time: 1.5 is one and a half. */
  readonly cores: number | null;
  /** Bytes that are still free below the lowest limit. */
  readonly freeBytes: number | null;
}

/** Text of a file; `null` where there is none that may be read. */
export type ReadText = (path: string) => Promise<string | null>;

const ROOT = '/sys/fs/cgroup';

/** Reads a file of this machine. */
export function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

/**
 * What control groups of version 2 and version 1 allow, the tightest of this process's own and all that it lies in. A
 * container mostly sees its own group at the root, whatever path it is told.
 */
export async function cgroupLimits(read: ReadText = readText): Promise<CgroupLimits> {
  const groups = parseGroups((await read('/proc/self/cgroup')) ?? '');
  const cores: (number | null)[] = [];
  const freeBytes: (number | null)[] = [];
  for (const { controllers, path } of groups) {
    for (const at of lineage(path)) {
      if (controllers.length === 0) {
        cores.push(quota(await read(join(ROOT, at, 'cpu.max'))));
        freeBytes.push(await freeMemory(read, V2, join(ROOT, at)));
      }
      if (controllers.includes('cpu')) cores.push(await quotaV1(read, join(ROOT, 'cpu', at)));
      if (controllers.includes('memory')) freeBytes.push(await freeMemory(read, V1, join(ROOT, 'memory', at)));
    }
  }
  return { cores: lowest(cores), freeBytes: lowest(freeBytes) };
}

interface Group {
  /** Empty: version 2, which has all of them. */
  readonly controllers: readonly string[];
  readonly path: string;
}

/** A line is `number:controllers:path`. */
function parseGroups(text: string): readonly Group[] {
  return [...text.matchAll(/^\d+:([^:]*):(\/.*)$/gm)].map(([, controllers = '', path = '/']) => ({
    controllers: controllers.split(',').filter((name) => name !== ''),
    path,
  }));
}

/** A group and all that it lies in, to the root. */
function lineage(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === path ? [path] : [path, ...lineage(parent)];
}

/** `200000 100000` is two cores, `max 100000` is no limit. */
function quota(text: string | null): number | null {
  const [granted, period] = (text ?? '').trim().split(' ').map(Number);
  return granted && period && granted > 0 ? granted / period : null;
}

async function quotaV1(read: ReadText, folder: string): Promise<number | null> {
  return quota(`${(await read(join(folder, 'cpu.cfs_quota_us')))?.trim()} ${await read(join(folder, 'cpu.cfs_period_us'))}`);
}

const V2 = { limit: 'memory.max', used: 'memory.current', idleCache: 'inactive_file' };
const V1 = { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', idleCache: 'total_inactive_file' };

/** Where version 1 has no limit it tells of 2^63, less a page. */
const NO_LIMIT = 2 ** 62;

/** What is used counts without the cache of files that the kernel drops when memory is wanted. */
async function freeMemory(read: ReadText, names: typeof V2, folder: string): Promise<number | null> {
  const limit = Number.parseInt((await read(join(folder, names.limit))) ?? '', 10);
  if (!(limit < NO_LIMIT)) return null;
  const used = Number.parseInt((await read(join(folder, names.used))) ?? '0', 10);
  const cache = new RegExp(`^${names.idleCache} (\\d+)$`, 'm').exec((await read(join(folder, 'memory.stat'))) ?? '');
  return Math.max(0, limit - used + Number(cache?.[1] ?? 0));
}

function lowest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

const join = posix.join;
