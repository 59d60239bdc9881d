import { setFlagsFromString } from 'node:v8';
import { type Broker, type BrokerOptions, OptionError, startBroker } from '../../server/index.js';
import { EXIT, endedBy } from '../exit/exit-codes.js';
import { reportFailure } from '../exit/report-failure.js';
import { CommandFailure, UsageError } from '../exit/usage-error.js';
import { formatBytes } from '../options/byte-size.js';
import { formatDuration } from '../options/duration.js';
import type { ServeOptions } from '../serve.js';
import { coloursFor } from '../terminal/colours.js';
import { createLog, isPretty } from './serve-log.js';

/** The options of the broker by the flags that set them, and how their numbers are written there. */
const FLAGS: Readonly<Partial<Record<keyof BrokerOptions, readonly [flag: string, format: (value: number) => string]>>> = {
  maxMessageBytes: ['--max-message', formatBytes],
  maxOutboxBytes: ['--max-outbox', formatBytes],
  pingIntervalMs: ['--ping-interval', formatDuration],
  handshakeTimeoutMs: ['--handshake-timeout', formatDuration],
  drainTimeoutMs: ['--drain-timeout', formatDuration],
  slowReaderTimeoutMs: ['--slow-reader-timeout', formatDuration],
  historyNotifications: ['--history-notifications', String],
  historyAgeMs: ['--history-age', formatDuration],
  historyBytes: ['--history-bytes', formatBytes],
  allowPublish: ['--allow-publish', String],
};

/** Sentences for why a server of Node cannot listen. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already; choose another --port, or 0 for any free one',
  EACCES: 'this user may not; choose a --port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address; 0.0.0.0 means all that it has',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
};

/**
 * Runs the broker until SIGINT or SIGTERM, or, when it was started with an IPC channel (`fork`, `stdio: 'ipc'`), until
 * that is closed, as by the death of whoever started it; then says goodbye to every peer. A signal after that ends the
 * process at once.
 * @returns `EXIT.ok` after such an end.
 * @throws CommandFailure with 2 for an option out of bounds, with 3 when it cannot listen.
 */
export async function serveUntilStopped(options: ServeOptions): Promise<number> {
  keepYoungGenerationSmall();
  const log = createLog(options);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error');
    process.exit(reportFailure(error));
  });
  const stop = stopSignal();
  const broker = await listen({ ...brokerOptions(options), log });
  await announce(broker, options);
  await stop;
  await broker.close();
  return EXIT.ok;
}

/**
 * What a broker makes is short-lived, but for its connections: V8 takes those for a reason to let the young generation
 * grow to 32 MB, and never gives that back. Kept at its first size it costs no more CPU, and a connection 3 KB less
 * (docs/performance.md). This is the process's own: who embeds a broker decides for himself.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function brokerOptions(options: ServeOptions): Partial<BrokerOptions> {
  return {
    host: options.host,
    port: options.port,
    tolerant: options.tolerant ?? false,
    allowPublish: options.allowPublish,
    maxMessageBytes: options.maxMessage,
    maxOutboxBytes: options.maxOutbox,
    pingIntervalMs: options.pingInterval,
    handshakeTimeoutMs: options.handshakeTimeout,
    drainTimeoutMs: options.drainTimeout,
    slowReaderTimeoutMs: options.slowReaderTimeout,
    historyNotifications: options.historyNotifications,
    historyAgeMs: options.historyAge,
    historyBytes: options.historyBytes,
  };
}

async function listen(options: Partial<BrokerOptions>): Promise<Broker> {
  try {
    return await startBroker(options);
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(optionProblem(error));
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new CommandFailure(`cannot listen on ${options.host}:${options.port}: ${LISTEN_ERRORS[code] ?? message}`, EXIT.unreachable);
  }
}

/** The sentence of an option error in the words of the command line. */
function optionProblem({ option, problem, range, message }: OptionError): string {
  const [flag, format] = FLAGS[option] ?? [];
  if (flag === undefined || format === undefined) return message;
  if (range === undefined) return `${flag} ${problem}`;
  return `${flag} is ${format(range.value)}: expected ${format(range.least)} to ${format(range.most)}`;
}

/** Resolves at the first signal that asks to stop, or with the end of the IPC channel; a signal after that ends the process. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = () => {
      isStopping = true;
      process.off('disconnect', stop); // listened to, an open channel keeps the process from ending
      resolve();
    };
    process.on('disconnect', stop);
    if (process.connected === false) stop(); // closed while the broker was being loaded
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(endedBy(signal));
        stop();
      });
    }
  });
}

/** The one line at the start: a sentence for people, or a log entry that is written at every level. */
async function announce(broker: Broker, options: ServeOptions): Promise<void> {
  const isPublic = !isLoopback(broker.host);
  const publishers = ['this machine', ...options.allowPublish].join(' and ');
  const open = `publishing is open to ${publishers}${options.allowPublish.length === 0 ? ' only' : ''}, subscribing to ${isPublic ? 'everyone' : 'this machine'}`;
  const port = broker.port === 8000 ? '' : ` --url ${broker.url}`;
  const next = `wsn subscribe${port} --package amaiia_msg_srv --channel 2`;
  if (!isPretty(options)) {
    const { url, host, port } = broker;
    createLog({ ...options, logLevel: 'info' }).info({ url, host, port, try: next, open }, 'listening');
    return;
  }
  const pen = await coloursFor(process.stdout, options.color);
  const where = broker.host === '0.0.0.0' || broker.host === '::' ? ' (all interfaces)' : '';
  process.stdout.write(
    `${pen.bold('wsn')} listening on ${pen.cyan(broker.url)}${where} ${pen.dim('·')} try: ${pen.bold(next)} ${pen.dim('·')} ${open}\n`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
