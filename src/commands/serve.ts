import { Command, Option } from 'commander';
import { DEFAULTS } from '../server/options.js';
import { runAction } from './exit/run-action.js';
import { formatBytes, parseByteSize } from './options/byte-size.js';
import { formatDuration, parseDuration } from './options/duration.js';
import { integerBetween } from './options/integer.js';
import { switchOption } from './options/switch-option.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'auto' | 'pretty' | 'json';

/** What the options of `wsn serve` come to: durations in ms, sizes in bytes. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly color: boolean;
  readonly tolerant?: boolean;
  readonly allowPublish: readonly string[];
  readonly maxMessage: number;
  readonly maxOutbox: number;
  readonly pingInterval: number;
  readonly handshakeTimeout: number;
  readonly drainTimeout: number;
  readonly slowReaderTimeout: number;
  readonly historyNotifications: number;
  readonly historyAge: number;
  readonly historyBytes: number;
}

const EXAMPLES = `
Examples:
  wsn serve                                          everybody may subscribe, this machine may publish
  wsn serve --allow-publish 10.0.0.0/8 --port 8000   so may the machines of 10.0.0.0/8
  wsn serve --log-format json | tee wsn.log          one JSON object a line
Ctrl-C or SIGTERM closes every connection with 1001 and ends with 0; a second one ends at once.`;

/** `wsn serve`: the broker. */
export function serveCommand(): Command {
  const command = new Command('serve').description('Run the broker').addHelpText('after', EXAMPLES);
  for (const option of [...listeningOptions(), ...limitOptions(), ...historyOptions()]) command.addOption(option);
  return command.action(
    runAction(async (options: ServeOptions) => {
      const { serveUntilStopped } = await import('./serve/serve-until-stopped.js');
      return serveUntilStopped(options);
    }),
  );
}

function listeningOptions(): Option[] {
  return [
    new Option('-p, --port <port>', 'port to listen on, 0 for any free one')
      .env('WSN_PORT')
      .default(DEFAULTS.port)
      .argParser(integerBetween(0, 65_535)),
    new Option('--host <host>', 'address or name to listen on').env('WSN_HOST').default(DEFAULTS.host),
    new Option('--allow-publish <cidr...>', 'addresses that may publish too, beside this machine')
      .env('WSN_ALLOW_PUBLISH')
      .default([...DEFAULTS.allowPublish], 'none')
      .argParser(collectAddresses),
    switchOption('--tolerant', 'ignore and count invalid messages of subscribers instead of closing with 4400', 'WSN_TOLERANT'),
    new Option('--log-level <level>', 'least important entry to log; the one line at the start is written at every level')
      .env('WSN_LOG_LEVEL')
      .default('info')
      .choices(['debug', 'info', 'warn', 'error', 'silent']),
    new Option('--log-format <format>', 'auto is pretty on a terminal, else JSON lines')
      .env('WSN_LOG_FORMAT')
      .default('auto')
      .choices(['auto', 'pretty', 'json']),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
}

function limitOptions(): Option[] {
  return [
    size('--max-message <size>', 'longest message that is accepted', 'WSN_MAX_MESSAGE', DEFAULTS.maxMessageBytes),
    size('--max-outbox <size>', 'most that may wait for one slow reader', 'WSN_MAX_OUTBOX', DEFAULTS.maxOutboxBytes),
    time('--ping-interval <duration>', 'pause between two heartbeats', 'WSN_PING_INTERVAL', DEFAULTS.pingIntervalMs),
    time('--handshake-timeout <duration>', 'time for a handshake', 'WSN_HANDSHAKE_TIMEOUT', DEFAULTS.handshakeTimeoutMs),
    time('--drain-timeout <duration>', 'time to say goodbye at the end', 'WSN_DRAIN_TIMEOUT', DEFAULTS.drainTimeoutMs),
    time(
      '--slow-reader-timeout <duration>',
      'time without progress until a reader is dropped',
      'WSN_SLOW_READER_TIMEOUT',
      DEFAULTS.slowReaderTimeoutMs,
    ),
  ];
}

function historyOptions(): Option[] {
  return [
    new Option('--history-notifications <count>', 'notifications of a topic that are kept for who comes back')
      .env('WSN_HISTORY_NOTIFICATIONS')
      .default(DEFAULTS.historyNotifications)
      .argParser(integerBetween(0)),
    time('--history-age <duration>', 'how long they are kept', 'WSN_HISTORY_AGE', DEFAULTS.historyAgeMs),
    size('--history-bytes <size>', 'most that all topics keep together', 'WSN_HISTORY_BYTES', DEFAULTS.historyBytes),
  ];
}

function size(flags: string, description: string, variable: string, bytes: number): Option {
  return new Option(flags, description).env(variable).default(bytes, formatBytes(bytes)).argParser(parseByteSize);
}

function time(flags: string, description: string, variable: string, ms: number): Option {
  return new Option(flags, description).env(variable).default(ms, formatDuration(ms)).argParser(parseDuration);
}

/** Collects CIDRs: several after one option, the option several times, or separated by commas as in the environment. */
function collectAddresses(value: string, previous: readonly string[]): readonly string[] {
  return [
    ...previous,
    ...value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}
