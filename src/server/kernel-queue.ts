import { readFile } from 'node:fs/promises';
import { addressBytes } from './address.js';

/** The two ends of a TCP connection, as far as they tell it from others of this machine. */
export interface TcpEnds {
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Where Linux lists its TCP connections, by the family of the socket. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * What the kernel still holds of what was written to each of `connections`, in bytes: it falls with every step that the
 * other end takes, while a socket tells of room only when a third of its buffer, up to 1.4 MB, is free. Each table is
 * gone through once, however many are asked for.
 * @returns undefined in the place of a connection that is not listed, and of all where there is no such list (not Linux).
 */
export async function kernelQueues(connections: readonly TcpEnds[]): Promise<readonly (number | undefined)[]> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  const queues = new Map<string, number>();
  for (const localPort of new Set(connections.map((ends) => ends.localPort))) {
    for (const table of tables) addQueues(queues, table, hex16(localPort));
  }
  return connections.map((ends) => {
    const found = remoteForms(ends).find((remote) => queues.has(`${hex16(ends.localPort)} ${remote}`));
    return found === undefined ? undefined : queues.get(`${hex16(ends.localPort)} ${found}`);
  });
}

/** A line is `sl local:port remote:port state transmit:receive …`, all in hexadecimal digits. */
function addQueues(queues: Map<string, number>, table: string, localPort: string): void {
  const lines = new RegExp(`:${localPort} ([0-9A-F]+:[0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):`, 'g');
  for (const [, remote, transmit = ''] of table.matchAll(lines)) queues.set(`${localPort} ${remote}`, Number.parseInt(transmit, 16));
}

/** How the remote end stands in the tables: an IPv4 address also in the form that an IPv6 socket gives it. */
function remoteForms({ remoteAddress, remotePort }: TcpEnds): readonly string[] {
  const port = hex16(remotePort);
  const bytes = addressBytes(remoteAddress) ?? [];
  const own = `${words(bytes)}:${port}`;
  return bytes.length === 4 ? [own, `${words([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...bytes])}:${port}`] : [own];
}

/** Four bytes at a time as the machine's own words: x86 and ARM turn them round. */
function words(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    for (let byte = at + 3; byte >= at; byte--) text += hex(bytes[byte] ?? 0, 2);
  }
  return text;
}

function hex16(port: number): string {
  return hex(port, 4);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0').toUpperCase();
}
