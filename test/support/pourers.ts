import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Broker } from '../../src/server/index.js';

/** Publishers in a process of their own, connected, that wait for the word. */
export interface Pourers extends AsyncDisposable {
  /** Has all of them write everything; resolves with the number of receipts when they have ended. */
  pour(): Promise<number>;
}

/** What pours: so many publishers, each so many notifications of about so many bytes, which `openOrderedReader` understands. */
export interface Downpour {
  /** `pinged` is `v1` with a ping behind each notification; `base` opens a connection for each; `http` waits for no answer; `list` sends one request. */
  readonly way: 'v1' | 'pinged' | 'base' | 'http' | 'list';
  readonly publishers: number;
  readonly count: number;
  readonly bytes: number;
}

const SCRIPT = fileURLToPath(new URL('./pour.mjs', import.meta.url));

/** Starts a process beside the broker's, so that it never waits for the broker's turn of the event loop to write more. */
export async function startPourers(broker: Broker, { way, publishers, count, bytes }: Downpour): Promise<Pourers> {
  const child = fork(SCRIPT, [broker.port, way, publishers, count, bytes].map(String), { execArgv: [] });
  await message(child);
  return {
    async pour() {
      child.send('now');
      return (await message(child)) as number;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

/** The next thing that `child` says; rejects when it ends first. */
async function message(child: ChildProcess): Promise<unknown> {
  const controller = new AbortController();
  const said = once(child, 'message', controller).then(([value]) => value as unknown);
  const ended = once(child, 'exit', controller).then(([code]) => Promise.reject(new Error(`the publishers ended early, with ${code}`)));
  try {
    return await Promise.race([said, ended]);
  } finally {
    controller.abort();
    await Promise.allSettled([said, ended]);
  }
}
