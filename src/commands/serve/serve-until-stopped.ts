import { setFlagsFromString } from 'node:v8';
import { type Broker, type BrokerOptions, ListenError, LogError, startBroker } from '../../server/index.js';
import { authority } from '../../server/ports.js';
import { EXIT, endedBy } from '../exit/exit-codes.js';
import { reportFailure } from '../exit/report-failure.js';
import { CommandFailure } from '../exit/usage-error.js';
import type { LogFormat, LogLevel } from '../serve.js';
import { brokerOptions, type Configuration, settingValue } from '../settings/configuration.js';
import { configure, type Given } from '../settings/configure.js';
import { refusal } from '../settings/refuse.js';
import { SETTINGS } from '../settings/settings.js';
import { announce } from './announce.js';
import { watchTerminal } from './lost-terminal.js';
import { reloadAtHangUp } from './reload.js';
import { ReplaceableLog } from './replaceable-log.js';
import { createLog, type LogOptions } from './serve-log.js';

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
 * process at once. SIGHUP reads the settings again, unless the terminal of the broker has gone: then it asks to stop.
 * @returns `EXIT.ok` after such an end.
 * @throws CommandFailure with 2 for a setting that cannot be taken, with 3 when it cannot listen, or cannot have its log.
 */
export async function serveUntilStopped(given: Given, isColoured: boolean): Promise<number> {
  keepYoungGenerationSmall();
  const configuration = await configure(given, process.env).catch(async (error: unknown) => {
    throw await refusal(error);
  });
  const logOptions = logOptionsOf(configuration, isColoured);
  const log = new ReplaceableLog(createLog(logOptions));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error');
    process.exit(reportFailure(error));
  });
  const { stopped, stop } = stopSignal();
  const reloads = reloadAtHangUp({
    // The same file, also if it was found: one that has gone is an error then, and not the end of all that stood in it.
    read: () => configure({ ...given, values: { ...given.values, config: configuration.file } }, process.env),
    log,
    configuration,
    applied: (next) => log.replace(createLog(logOptionsOf(next, isColoured))),
    hasLostTerminal: watchTerminal(),
    hungUp() {
      log.replace(createLog({ ...logOptions, logLevel: 'silent' })); // nobody can read it, and a failed line would cut the goodbye short
      stop();
    },
  });
  const broker = await listen(configuration, { ...brokerOptions(configuration), log });
  await announce(broker, configuration, logOptions);
  for (const warning of configuration.warnings) log.warn({}, warning);
  reloads.begin(broker);
  await stopped;
  await broker.close();
  return EXIT.ok;
}

function logOptionsOf(configuration: Configuration, color: boolean): LogOptions {
  return {
    logLevel: settingValue(configuration, 'logLevel') as LogLevel,
    logFormat: settingValue(configuration, 'logFormat') as LogFormat,
    color,
  };
}

/**
 * What a broker makes is short-lived, but for its connections: V8 takes those for a reason to let the young generation
 * grow to 32 MB, and never gives that back. Kept at its first size it costs no more CPU, and a connection 3 KB less
 * (docs/performance.md). This is the process's own: who embeds a broker decides for himself.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

async function listen(configuration: Configuration, options: Partial<BrokerOptions>): Promise<Broker> {
  try {
    return await startBroker(options);
  } catch (error) {
    if (error instanceof LogError) throw new CommandFailure(error.message, EXIT.unreachable);
    if (!(error instanceof ListenError)) throw await refusal(error, configuration);
    const { place, code = '', message } = error;
    const why = (LISTEN_ERRORS[code] ?? message).replace('--port', SETTINGS.find(({ name }) => name === place.option)?.flag ?? '--port');
    throw new CommandFailure(`cannot listen on ${authority(place)}: ${why}`, EXIT.unreachable);
  }
}

/** `stopped` resolves at the first signal that asks to stop, at the end of the IPC channel, or by `stop`; a signal after that ends the process. */
function stopSignal(): { readonly stopped: Promise<void>; readonly stop: () => void } {
  let resolve: () => void;
  const stopped = new Promise<void>((done) => {
    resolve = done;
  });
  let isStopping = false;
  const stop = (): void => {
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
  return { stopped, stop };
}
