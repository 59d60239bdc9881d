import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from './bench-error.js';

/** A broker that this process has started; disposal stops it, and so does the end of this process, also by SIGKILL. */
export interface BrokerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /**
   * Ends it with a signal, and starts it again on the same port, at the earliest `forMs` after the signal. Resolves when it listens.
   * @throws BenchError when it does not.
   */
  restart(signal: 'SIGKILL' | 'SIGTERM', forMs: number): Promise<void>;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A broker while it runs. */
interface Running {
  readonly child: Child;
  readonly url: string;
  /** Ends it; resolves when it has ended. */
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a broker in a process of its own, which gets none of the terminal's signals: Ctrl-C ends the load first.
 * @param commandFor program and arguments for a port, 0 for any; it writes a JSON line with its `url` to stdout when it listens, and
 * ends when its IPC channel is closed, since a process that is killed with SIGKILL can stop nothing itself.
 * @throws BenchError with what it said on stderr when it ends or stays silent instead.
 */
export async function startBrokerProcess(commandFor: (port: number) => readonly string[]): Promise<BrokerProcess> {
  let running = await run(commandFor(0));
  const { url } = running;
  const disposing = new AbortController();
  let restarting: Promise<void> = Promise.resolve();
  const restart = async (signal: 'SIGKILL' | 'SIGTERM', forMs: number) => {
    const notBefore = sleep(forMs, undefined, { signal: disposing.signal }).catch(() => {});
    await Promise.all([running.stop(signal), notBefore]);
    if (!disposing.signal.aborted) running = await run(commandFor(Number(new URL(url).port)));
  };
  return {
    url,
    get pid() {
      return running.child.pid ?? 0;
    },
    restart(signal, forMs) {
      const restarted = restart(signal, forMs);
      restarting = restarted.catch(() => {});
      return restarted;
    },
    async [Symbol.asyncDispose]() {
      disposing.abort();
      await restarting;
      await running.stop('SIGTERM');
    },
  };
}

async function run(command: readonly string[]): Promise<Running> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    windowsHide: true,
    env: ownEnvironment(),
  }) as Child;
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const stop = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    const timer = setTimeout(kill, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    process.off('exit', kill);
  };
  try {
    return { child, stop, url: await listeningUrl(child, ended) };
  } catch (error) {
    await stop('SIGTERM');
    throw error;
  }
}

/** Options that are set in the environment are meant for another broker. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WSN_')));
}

async function listeningUrl(child: Child, ended: Promise<void>): Promise<string> {
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = `${complaint}${chunk}`.slice(0, 1000);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const failure = ended.then(() => {
    throw new BenchError('unreachable', `the broker that was started did not listen: ${complaint.trim() || 'it ended and said nothing'}`);
  });
  const url = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = urlIn(line);
      if (found !== undefined) resolve(found);
    });
  });
  failure.catch(() => {}); // a broker ends some time, also after it has listened
  try {
    return await Promise.race([url, failure]);
  } finally {
    clearTimeout(timer);
  }
}

function urlIn(line: string): string | undefined {
  try {
    const { url } = JSON.parse(line) as { url?: unknown };
    return typeof url === 'string' ? url : undefined;
  } catch {
    return undefined;
  }
}
