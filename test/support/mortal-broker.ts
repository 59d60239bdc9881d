import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Durability } from '../../src/server/options.js';
import { type RunningWsn, spawnWsn } from './wsn.js';

/** A broker in a process of its own, with a log on disk, that dies and comes back on the same port with the same folder. */
export interface MortalBroker extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  /** All that it has logged in its present life. */
  readonly said: string;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it listens. */
  start(): Promise<void>;
  /** Has it shut down by itself. */
  stop(): Promise<void>;
}

/** Starts one in a new temporary folder, which its disposal removes. */
export async function startMortalBroker(durability: Durability): Promise<MortalBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'wsn-log-'));
  let port = 0;
  let running: RunningWsn | undefined;
  const start = async (): Promise<void> => {
    const where = ['--host', '127.0.0.1', '--port', String(port), '--reconnect-jitter', '0'];
    running = spawnWsn(['serve', ...where, '--data', folder, '--durability', durability]);
    const [, listensAt] = await running.waitFor(/"port":(\d+).*"msg":"listening"/, 'stdout', 20_000);
    port = Number(listensAt);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running?.kill(signal);
    await running?.exit;
  };
  await start();
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    folder,
    get said() {
      return running?.stdout ?? '';
    },
    kill: () => end('SIGKILL'),
    start,
    stop: () => end('SIGTERM'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}
