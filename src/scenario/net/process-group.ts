import { spawn } from 'node:child_process';
import { LastLines } from './last-lines.js';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that was started, and what it has started in turn. */
export interface ProcessGroup {
  /** 0 if it could not be started. */
  readonly pid: number;
  /** What it has written last, on stderr or stdout. */
  readonly output: LastLines;
  /** Of the program itself; rejects with the error of node (ENOENT, EACCES, …) when it could not be started. */
  readonly ended: Promise<ProcessEnd>;
  /** Fulfilled when nobody of the group writes any more either: the end of what `npx` or a script has started. */
  readonly gone: Promise<void>;
  /** Sends a signal to all of them; nothing happens when they are gone. */
  kill(signal: NodeJS.Signals): void;
}

const running = new Set<ProcessGroup>();

/**
 * Starts a program without a shell, in a process group of its own: Ctrl-C on the terminal reaches this process alone.
 * The group is killed when this process exits. A signal that kills this process outright is no exit: then the group stays.
 */
export function startGroup([program = '', ...args]: readonly string[]): ProcessGroup {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, windowsHide: true, env: ownEnvironment() });
  const output = new LastLines();
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.add(text));
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  ended.catch(() => {}); // whoever asks is told
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const group: ProcessGroup = {
    pid: child.pid ?? 0,
    output,
    ended,
    gone,
    kill(signal) {
      // Later its number may be another program's.
      if (running.has(group) && child.pid !== undefined) signalGroup(child.pid, signal);
    },
  };
  if (running.size === 0) process.on('exit', killAll);
  running.add(group);
  gone.then(() => {
    running.delete(group);
    if (running.size === 0) process.off('exit', killAll);
  });
  return group;
}

function killAll(): void {
  for (const group of running) group.kill('SIGKILL');
}

/** Windows knows no groups. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Options that are set in the environment are meant for another server. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WSN_')));
}
