import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The built command line: what users run. `npm test` builds it first. */
export const WSN = fileURLToPath(new URL('../../dist/bin/wsn.js', import.meta.url));

export interface RunOptions {
  /** Written to stdin, which is then closed. Without it stdin is closed at once. */
  readonly input?: string | Uint8Array;
  /** Added to the environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** How long it may take until it is killed and the promise rejects, in ms. */
  readonly timeoutMs?: number;
}

export interface Ended {
  /** The exit code, or `null` when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `wsn` that runs; disposal kills it and waits until it is gone. */
export interface RunningWsn extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable;
  /** All that it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when it has ended by itself or by a signal. */
  readonly exit: Promise<Ended>;
  /** Waits until `pattern` is in what a stream has written; rejects with both outputs after `timeoutMs` or at its end. */
  waitFor(pattern: RegExp, stream?: 'stdout' | 'stderr', timeoutMs?: number): Promise<RegExpMatchArray>;
  kill(signal?: NodeJS.Signals): void;
  /** Stops reading its stdout for good: what it writes after that fails. */
  closeStdout(): void;
}

/** Runs `wsn` with `args` until it ends. Colours are off unless `env` says otherwise. */
export async function runWsn(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const timeoutMs = options.timeoutMs ?? 15_000;
  await using running = spawnWsn(args, options);
  running.stdin.end(options.input);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`wsn ${args.join(' ')} still runs after ${timeoutMs} ms\n${outputs(running)}`)), timeoutMs);
  });
  try {
    return await Promise.race([running.exit, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts `wsn` with `args`; its stdin stays open. */
export function spawnWsn(args: readonly string[], options: Omit<RunOptions, 'input' | 'timeoutMs'> = {}): RunningWsn {
  const child = spawn(process.execPath, [WSN, ...args], {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return watchProcess(child);
}

/** The environment of a `wsn` under test: no colours, none of the caller's WSN_ variables. */
export function environment(added: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('WSN_') && name !== 'FORCE_COLOR');
  const merged = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...added };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/** A handle on a process that runs `wsn`, directly or in a terminal. */
export function watchProcess(child: ChildProcessByStdio<Writable, Readable, Readable>): RunningWsn {
  const text = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  let hasEnded = false;
  const wake = () => {
    for (const watcher of [...watchers]) watcher();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      wake();
    });
  }
  child.stdin.on('error', () => {}); // it may end before it has read all
  const exit = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      hasEnded = true;
      wake();
      resolve({ code, signal, ...text });
    });
  });
  const running: RunningWsn = {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    exit,
    waitFor: (pattern, stream = 'stdout', timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(look);
          settle();
        };
        const fail = (why: string) => finish(() => reject(new Error(`${why} before ${pattern} was on ${stream}\n${outputs(running)}`)));
        const look = () => {
          const found = text[stream].match(pattern);
          if (found) finish(() => resolve(found));
          else if (hasEnded) fail('wsn ended');
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms went by`), timeoutMs);
        watchers.add(look);
        look();
      }),
    kill: (signal = 'SIGTERM') => {
      child.kill(signal);
    },
    closeStdout: () => {
      child.stdout.destroy();
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill('SIGKILL');
      await exit;
    },
  };
  return running;
}

function outputs(running: { stdout: string; stderr: string }): string {
  return `--- stdout\n${running.stdout}\n--- stderr\n${running.stderr}`;
}
