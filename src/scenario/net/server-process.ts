import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, isListening, isTaken } from './ports.js';
import { type ProcessEnd, type ProcessGroup, startGroup } from './process-group.js';
import { fillCommand, splitCommand } from './server-command.js';
import { ServerError } from './server-error.js';
import { type ServerOptions, serverFlags } from './server-flags.js';

/** How a server is started. */
export interface ServerSpec {
  /** As text, which is split without a shell, or program and arguments; see `fillCommand` for `{port}` and `{options}`. */
  readonly command: string | readonly string[];
  /** Come to flags of `wsn serve`; none by default. */
  readonly options?: ServerOptions;
  /** From where files among the options are named; the working directory by default. */
  readonly folder?: string;
  /** A free one by default. */
  readonly port?: number;
  /** 15,000 by default. */
  readonly readyTimeoutMs?: number;
  /** Of the URL; `ws` by default. */
  readonly scheme?: 'ws' | 'wss';
  /** Ends the wait for it to listen: it is killed then. */
  readonly signal?: AbortSignal | undefined;
}

/** A server that this process has started on 127.0.0.1. Disposal stops it, and the exit of this process kills it. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of the program that was started; another one after `restart`. */
  readonly pid: number;
  /** Of the process that runs now, or has run last. */
  readonly ended: Promise<ProcessEnd>;
  /** What it has written last: at most five lines that a terminal can be shown. */
  readonly lastLines: readonly string[];
  /** Sends a signal to the server and all that it has started, and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal (SIGTERM by default) and waits until the server has ended; after 10 s it is killed. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Stops the server by a signal (SIGTERM by default), and starts it again on the same port.
   * @throws ServerError when it does not listen again.
   */
  restart(signal?: NodeJS.Signals): Promise<void>;
}

const READY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 25;
const MAX_PORTS = 3;

/**
 * Starts a server and waits until it accepts connections. When somebody else has taken its port in between, another one
 * is tried, three in all.
 * @throws ServerError when the command or an option is wrong, when the server ends before it listens, or does not listen;
 * the reason of the signal when that is aborted.
 */
export async function startServer(spec: ServerSpec): Promise<ServerProcess> {
  const words = typeof spec.command === 'string' ? splitCommand(spec.command) : spec.command;
  const flags = serverFlags(spec.options ?? {}, spec.folder);
  const patience = { timeoutMs: spec.readyTimeoutMs ?? READY_TIMEOUT_MS, signal: spec.signal };
  const start = (port: number) => startListening(fillCommand(words, port, flags), port, patience);
  const found = spec.port === undefined ? await startOnFreePort(start) : { port: spec.port, group: await start(spec.port) };
  const { port } = found;
  let { group } = found;
  return {
    url: `${spec.scheme ?? 'ws'}://127.0.0.1:${port}`,
    port,
    get pid() {
      return group.pid;
    },
    get ended() {
      return group.ended;
    },
    get lastLines() {
      return group.output.lines;
    },
    signal: (signal) => group.kill(signal),
    stop: (signal = 'SIGTERM') => stopGroup(group, signal),
    async restart(signal = 'SIGTERM') {
      await stopGroup(group, signal);
      group = await start(port);
    },
    [Symbol.asyncDispose]: () => stopGroup(group, 'SIGTERM'),
  };
}

async function startOnFreePort(start: (port: number) => Promise<ProcessGroup>): Promise<{ port: number; group: ProcessGroup }> {
  for (let tried = 1; ; tried++) {
    const port = await freePort();
    try {
      return { port, group: await start(port) };
    } catch (error) {
      if (tried === MAX_PORTS || !(error instanceof EndedEarly) || !(await isTaken(port))) throw error;
    }
  }
}

/** The server has ended, or was not even started, and the reason may be that somebody else has its port. */
class EndedEarly extends ServerError {}

async function startListening(
  command: readonly string[],
  port: number,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<ProcessGroup> {
  if (await isListening(port)) {
    throw new EndedEarly('unreachable', `cannot start the server on 127.0.0.1:${port}: somebody else listens there`);
  }
  const group = startGroup(command);
  const patience = new AbortController();
  const stop = () => patience.abort();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const because = await Promise.race([listens(port, timeoutMs, patience.signal), endsEarly(group, command)]);
  signal?.removeEventListener('abort', stop);
  stop();
  if (because === 'listens') return group;
  await stopGroup(group, 'SIGKILL');
  signal?.throwIfAborted();
  if (because instanceof ServerError) throw because;
  const found = `the server did not listen on 127.0.0.1:${port} within ${timeoutMs} ms`;
  throw new ServerError('unreachable', withOutput(`${found}, which is its {port}`, group));
}

async function listens(port: number, timeoutMs: number, signal: AbortSignal): Promise<'listens' | 'is late'> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !signal.aborted) {
    if (await isListening(port)) return 'listens';
    await sleep(POLL_MS);
  }
  return 'is late';
}

async function endsEarly(group: ProcessGroup, [program]: readonly string[]): Promise<ServerError> {
  try {
    const { code, signal } = await group.ended;
    await group.gone; // then all that it wrote is here
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    return new EndedEarly('unreachable', withOutput(`the server ended ${how} before it listened`, group));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = { ENOENT: 'there is no such program', EACCES: 'it may not be executed' }[code ?? ''] ?? message;
    return new ServerError('usage', `cannot start the server "${program}": ${reason}`);
  }
}

function withOutput(text: string, { output }: ProcessGroup): string {
  const { lines } = output;
  return lines.length === 0 ? `${text}; it wrote nothing` : [`${text}; it wrote:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Waits for the whole group; of one that has let go of its signals only for the program, which is then killed. */
async function stopGroup(group: ProcessGroup, signal: NodeJS.Signals): Promise<void> {
  group.kill(signal);
  const patience = new AbortController();
  const isGone = await Promise.race([
    group.gone.then(() => true),
    sleep(STOP_TIMEOUT_MS, false, { signal: patience.signal }).catch(() => false),
  ]);
  patience.abort();
  if (isGone) return;
  group.kill('SIGKILL');
  await group.ended.catch(() => {});
}
