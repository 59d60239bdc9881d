import { lookup } from 'node:dns/promises';
import { readdir } from 'node:fs/promises';
import { cgroupLimits, type ReadText, readText } from './cgroup.js';

/** What a machine has to offer to a run; `null` where it does not tell. */
export interface MachineFacts {
  /** What the target's host stands for: the first of its addresses, which is tried first. */
  readonly targetAddress: string | null;
  readonly openFiles: OpenFiles | null;
  readonly ports: LocalPorts | null;
  readonly memory: { readonly freeBytes: number; readonly isLimitedByGroup: boolean } | null;
}

/** Files that this process may have open, sockets too. */
export interface OpenFiles {
  readonly limit: number;
  readonly inUse: number;
  /** Who can raise the limit: whoever runs this, only somebody with `sudo`, or not even root from in here. */
  readonly raisedBy: 'user' | 'sudo' | 'outside';
}

/** The ports that connections are made from. */
export interface LocalPorts {
  readonly first: number;
  readonly last: number;
  /** How many of them have a connection to the target's port, or had one a minute ago, by local address (IPv6 in one). */
  readonly taken: ReadonlyMap<string, number>;
}

/** Stands for all addresses of IPv6 in `taken`. */
export const ANY_IPV6 = '::';

/** Reads what this machine can do for connections to `host` and `port`. */
export async function readFacts(
  { host, port }: { readonly host: string; readonly port: number },
  read: ReadText = readText,
): Promise<MachineFacts> {
  const [targetAddress, openFiles, ports, memory] = await Promise.all([
    resolve(host),
    readOpenFiles(read),
    readPorts(port, read),
    readMemory(read),
  ]);
  return { targetAddress, openFiles, ports, memory };
}

async function resolve(host: string): Promise<string | null> {
  try {
    return (await lookup(host)).address;
  } catch {
    return null; // whoever connects will say it better
  }
}

/** Node has raised the soft limit to the hard one when it started. */
async function readOpenFiles(read: ReadText): Promise<OpenFiles | null> {
  const found = /^Max open files\s+(\d+)/m.exec((await read('/proc/self/limits')) ?? '');
  if (found === null) return null;
  const open = await readdir('/proc/self/fd').catch(() => []);
  return { limit: Number(found[1]), inUse: open.length, raisedBy: raisedBy((await read('/proc/self/status')) ?? '') };
}

/** The bit of CAP_SYS_RESOURCE, without which nobody raises a hard limit: containers take it even from root. */
const SYS_RESOURCE = 1n << 24n;

function raisedBy(status: string): OpenFiles['raisedBy'] {
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  if ((capabilities & SYS_RESOURCE) !== 0n) return 'user';
  return /^Uid:\s+\d+\s+0\s/m.test(status) ? 'outside' : 'sudo';
}

async function readPorts(port: number, read: ReadText): Promise<LocalPorts | null> {
  const [first, last] = ((await read('/proc/sys/net/ipv4/ip_local_port_range')) ?? '').trim().split(/\s+/).map(Number);
  if (!first || !last) return null;
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(read));
  return { first, last, taken: countTaken(tables.join(''), port) };
}

/** A line is `sl: local:port remote:port state …`, all in hexadecimal digits; an address is words of four bytes, each turned round. */
function countTaken(table: string, port: number): ReadonlyMap<string, number> {
  const taken = new Map<string, number>();
  const remote = port.toString(16).padStart(4, '0').toUpperCase();
  for (const [, local = ''] of table.matchAll(new RegExp(`: ([0-9A-F]+):[0-9A-F]{4} [0-9A-F]+:${remote} `, 'g'))) {
    const address = local.length > 8 ? ANY_IPV6 : Buffer.from(local, 'hex').reverse().join('.');
    taken.set(address, (taken.get(address) ?? 0) + 1);
  }
  return taken;
}

/** What the kernel could free for programs, or what the control groups leave of it. */
async function readMemory(read: ReadText): Promise<MachineFacts['memory']> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec((await read('/proc/meminfo')) ?? '')?.[1];
  if (kilobytes === undefined) return null;
  const machine = Number(kilobytes) * 1024;
  const group = (await cgroupLimits(read)).freeBytes ?? Number.POSITIVE_INFINITY;
  return { freeBytes: Math.min(machine, group), isLimitedByGroup: group < machine };
}
