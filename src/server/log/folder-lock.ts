import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../observe.js';
import { askHolder, type Holder } from './lock-holder.js';
import { type LockPlace, pipeAddress, placeInFolder, placeInTemporary, UNFINISHED } from './lock-place.js';
import { LogInUseError } from './log-error.js';

/** How often it is asked whether another one that starts in the same moment has given way. */
const POLL_MS = 20;
/** A socket that is not finished by then was left by a process that was killed. */
const UNFINISHED_MS = 60_000;
/** The file system has no sockets. */
const NO_SOCKETS = new Set(['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EPROTONOSUPPORT']);

/**
 * That this process alone has a folder: a socket in it answers for as long as the process lives, however it ends. No
 * process number is compared, which is 1 for everybody in containers. A socket answers on its own machine alone: of a
 * folder that several machines mount nobody notices a broker on another one.
 */
export interface FolderLock {
  /** Gives the folder up; resolves in any case. */
  release(): Promise<void>;
}

/**
 * @param folder that exists.
 * @throws LogInUseError when another process has it. Of two that come in the same moment, at most one gets it.
 */
export async function lockFolder(folder: string, log: Log): Promise<FolderLock> {
  const pipe = await pipeAddress(folder);
  if (pipe !== undefined) return lockPipe(folder, pipe);
  const place = await placeInFolder(folder);
  try {
    return await lockPlace(folder, place);
  } catch (error) {
    await place[Symbol.asyncDispose]();
    if (!(error instanceof Error && 'code' in error && NO_SOCKETS.has(String(error.code)))) throw error;
    log.warn(
      { folder, because: String(error.code) },
      'no socket can be made in the folder of the log: a broker in another container is not noticed',
    );
    return lockPlace(folder, await placeInTemporary(folder));
  }
}

/** The name tells who goes first when two come at once; what is listened on has another name until it answers. */
async function lockPlace(folder: string, place: LockPlace): Promise<FolderLock> {
  const id = `${place.prefix}${randomBytes(6).toString('hex')}`;
  const name = `${id}.sock`;
  const unfinished = `${id}${UNFINISHED}`;
  const holder: Holder = { pid: process.pid, isStarting: true };
  const server = createLockServer(() => holder);
  const release = async () => {
    await rm(place.path(name), { force: true }).catch(() => {});
    server.close();
    await place[Symbol.asyncDispose]();
  };
  await listen(server, place.address(unfinished));
  try {
    chmodSync(place.path(unfinished), 0o600);
    await rename(place.path(unfinished), place.path(name));
    await clean(place);
    await outlive(folder, place, name);
  } catch (error) {
    await release();
    throw error;
  }
  holder.isStarting = false;
  return { release };
}

/** Takes away what processes left that were killed while they made a socket. */
async function clean(place: LockPlace): Promise<void> {
  for (const name of (await place.list()).unfinished) {
    const path = place.path(name);
    // Another one may take it away at the same time, or finish it.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > UNFINISHED_MS) await rm(path, { force: true });
  }
}

/** Comes to an end when no other socket answers; those that are left over are taken away. */
async function outlive(folder: string, place: LockPlace, own: string): Promise<void> {
  for (;;) {
    let isAlone = true;
    for (const name of (await place.list()).made) {
      if (name === own) continue;
      const holder = await askHolder(place.address(name));
      if (holder === undefined) {
        await rm(place.path(name), { force: true });
      } else if (holder === 'leaving' || (holder.isStarting && name > own)) {
        isAlone = false;
      } else {
        throw inUse(folder, holder);
      }
    }
    if (isAlone) return;
    await delay(POLL_MS);
  }
}

async function lockPipe(folder: string, address: string): Promise<FolderLock> {
  const server = createLockServer(() => ({ pid: process.pid, isStarting: false }));
  try {
    await listen(server, address);
  } catch (error) {
    const holder = await askHolder(address);
    throw holder === undefined || holder === 'leaving' ? error : inUse(folder, holder);
  }
  return { release: async () => void server.close() };
}

/** Tells whoever connects who is here. Does not keep the process alive. */
function createLockServer(holder: () => Holder): Server {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.unref();
    socket.end(`${JSON.stringify(holder())}\n`);
  });
  return server.unref();
}

async function listen(server: Server, address: string): Promise<void> {
  server.listen(address);
  await once(server, 'listening');
}

function inUse(folder: string, { pid }: Holder): LogInUseError {
  const who = pid === undefined ? '' : ` (process ${pid})`;
  return new LogInUseError(`${folder} is in use by another broker${who}; give each its own --data`);
}
