import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an address of a Unix socket may have on every system, its end included. */
const LONGEST_ADDRESS = 100;
const LONGEST_NAME = 40;
/** How the name of a socket ends until it answers. */
export const UNFINISHED = '.sock.new';

/** Where brokers that want a folder leave their sockets, and how these are addressed. */
export interface LockPlace extends AsyncDisposable {
  /** Name of the sockets up to what differs. */
  readonly prefix: string;
  /** Path of a file of that place. */
  path(name: string): string;
  /** The same as an address of a socket, short enough. */
  address(name: string): string;
  /** Names of the sockets that are there, or are being made. */
  list(): Promise<{ readonly made: string[]; readonly unfinished: string[] }>;
}

/** Windows has one pipe of a name and takes it away with its process. */
export async function pipeAddress(folder: string): Promise<string | undefined> {
  return platform() === 'win32' ? `\\\\.\\pipe\\wsn-${await digestOf(folder)}` : undefined;
}

/** In the folder itself: so whoever shares it, from whatever container, meets there. */
export async function placeInFolder(folder: string): Promise<LockPlace> {
  if (Buffer.byteLength(folder) + LONGEST_NAME <= LONGEST_ADDRESS) return placeIn(folder, { prefix: 'broker-', root: folder });
  if (platform() !== 'linux') return placeInTemporary(folder);
  const handle = await open(folder, 'r');
  return placeIn(folder, { prefix: 'broker-', root: `/proc/self/fd/${handle.fd}`, handle });
}

/** For folders in which no sockets can be: those whose path is too long, and some shared ones of virtual machines. */
export async function placeInTemporary(folder: string): Promise<LockPlace> {
  return placeIn(tmpdir(), { prefix: `wsn-${await digestOf(folder)}-`, root: tmpdir() });
}

interface Addressing {
  readonly prefix: string;
  /** What stands before a name in an address. */
  readonly root: string;
  /** Has to be open for as long as that holds. */
  readonly handle?: FileHandle;
}

function placeIn(folder: string, { prefix, root, handle }: Addressing): LockPlace {
  return {
    prefix,
    path: (name) => join(folder, name),
    address: (name) => join(root, name),
    async list() {
      const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
      return { made: names.filter((name) => name.endsWith('.sock')), unfinished: names.filter((name) => name.endsWith(UNFINISHED)) };
    },
    async [Symbol.asyncDispose]() {
      await handle?.close();
    },
  };
}

async function digestOf(folder: string): Promise<string> {
  return createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 16);
}
