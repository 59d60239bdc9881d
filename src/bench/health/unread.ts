import { type FileHandle, open } from 'node:fs/promises';

/** What waits unread in the kernel for connections of this machine to one port. */
export interface Unread {
  readonly bytes: number;
  /** How many connections were looked at. */
  readonly connections: number;
  /** The lists in which they stand. */
  readonly paths: readonly string[];
}

export interface UnreadOptions {
  /** Remote port of the connections. */
  readonly targetPort: number;
  /** Local ports of those that are left out. */
  readonly hostilePorts: ReadonlySet<number>;
}

/** Where Linux lists its TCP connections, by the family of the socket. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** The kernel hands over few pages at a time; between two pieces others have their turn. */
const CHUNK_BYTES = 1 << 16;

/** States of a connection that may still hold data: established, and ended by the other side. */
const READABLE = '0[18]';

/**
 * Sums the receive queues of the connections to `targetPort`. Connections that were ended by the other side may still
 * hold data and count; those of other programs to the same port number count too, as nothing cheap tells them apart.
 * @param paths where the lists are.
 * @returns `null` where there is no such list (not Linux).
 */
export async function readUnread(options: UnreadOptions, paths: readonly string[] = TABLES): Promise<Unread | null> {
  const tables = await Promise.all(paths.map((path) => sumTable(path, options)));
  const known = tables.filter((table) => table !== null);
  if (known.length === 0) return null;
  return {
    bytes: known.reduce((sum, { bytes }) => sum + bytes, 0),
    connections: known.reduce((sum, { connections }) => sum + connections, 0),
    paths: paths.filter((_, place) => (tables[place]?.connections ?? 0) > 0),
  };
}

async function sumTable(path: string, options: UnreadOptions): Promise<Omit<Unread, 'paths'> | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    return null;
  }
  try {
    const sum = new TableSum(options);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let length = 1; length > 0; ) {
      length = (await file.read(chunk, 0, CHUNK_BYTES)).bytesRead;
      sum.add(chunk.toString('latin1', 0, length));
    }
    return sum;
  } finally {
    await file.close();
  }
}

/** Adds up a table that comes in pieces. A line is `sl: local:port remote:port state transmit:receive …`, all in hexadecimal digits. */
class TableSum implements Omit<Unread, 'paths'> {
  bytes = 0;
  connections = 0;
  readonly #line: RegExp;
  readonly #hostilePorts: ReadonlySet<number>;
  #rest = '';

  constructor({ targetPort, hostilePorts }: UnreadOptions) {
    const port = targetPort.toString(16).padStart(4, '0').toUpperCase();
    this.#line = new RegExp(`:([0-9A-F]{4}) [0-9A-F]+:${port} ${READABLE} [0-9A-F]{8}:([0-9A-F]{8}) `, 'g');
    this.#hostilePorts = hostilePorts;
  }

  add(text: string): void {
    const whole = this.#rest + text;
    const end = whole.lastIndexOf('\n') + 1;
    this.#rest = whole.slice(end);
    for (const [, local = '', unread = ''] of whole.slice(0, end).matchAll(this.#line)) {
      if (this.#hostilePorts.size > 0 && this.#hostilePorts.has(Number.parseInt(local, 16))) continue;
      this.connections++;
      this.bytes += Number.parseInt(unread, 16);
    }
  }
}
