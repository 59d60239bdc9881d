import { Command, InvalidArgumentError, Option } from 'commander';
import { parseBrokerUrl } from './broker/broker-url.js';
import { runAction } from './exit/run-action.js';
import { byteSizeFrom } from './options/byte-size.js';
import { durationFrom, formatDuration } from './options/duration.js';
import { integerBetween } from './options/integer.js';

/** What the options of `wsn bench` come to: durations in ms, sizes in bytes. */
export interface BenchCommandOptions {
  readonly url?: string;
  readonly subscribers: number;
  readonly channels: number;
  readonly rate: number;
  readonly duration: number;
  readonly warmUp: number;
  readonly size: number;
  readonly publishers: 'auto' | 'persistent' | 'ephemeral';
  readonly seed: number;
  readonly json?: boolean;
  readonly color: boolean;
}

const DEFAULTS = { subscribers: 100, channels: 10, rate: 100, durationMs: 10_000, warmUpMs: 1000, sizeBytes: 200, seed: 1 } as const;

/** Who is to receive what is asked of each pair of channels before the run: four million answers take half a second. */
const MOST_CHANNELS = 2000;

const EXAMPLES = `
Examples:
  wsn bench                                                a broker of its own, a light load
  wsn bench --subscribers 500 --channels 50 --rate 2000    20,000 deliveries a second: 10 subscribers a channel
  wsn bench --url ws://127.0.0.1:8000 --json               a broker that runs already; one JSON object on stdout
Latency counts from the moment at which a notification was planned, so a slow broker cannot hide behind a slow sender.
Exit codes: 0 all came as it should, 4 something was lost, duplicated, misdelivered, reordered, corrupt or refused,
3 the broker cannot be reached, 130 interrupted: Ctrl-C stops sending and reports, a second one ends at once.`;

/** `wsn bench`: a load on a broker, and what came of it. */
export function benchCommand(): Command {
  const command = new Command('bench').description('Put a load on a broker and measure what comes of it').addHelpText('after', EXAMPLES);
  for (const option of options()) command.addOption(option);
  return command.action(
    runAction(async (given: BenchCommandOptions) => {
      const { benchUntilDone } = await import('./bench/bench-until-done.js');
      return benchUntilDone(given);
    }),
  );
}

function options(): Option[] {
  const { subscribers, channels, rate, durationMs, warmUpMs, sizeBytes, seed } = DEFAULTS;
  return [
    // Not from WSN_URL: a load is put only on a broker that is named for it.
    new Option('-u, --url <url>', 'the broker to load (default: one of its own, in another process)').argParser(parseLoadUrl),
    new Option('-s, --subscribers <count>', 'connections that subscribe').default(subscribers).argParser(integerBetween(1, 100_000)),
    new Option('-k, --channels <count>', 'subscriber i wants channel i % count')
      .default(channels)
      .argParser(integerBetween(1, MOST_CHANNELS)),
    new Option('-r, --rate <count>', 'notifications a second, each to one channel').default(rate).argParser(integerBetween(1, 100_000)),
    new Option('-d, --duration <duration>', 'time to measure').default(durationMs, formatDuration(durationMs)).argParser(durationFrom(10)),
    new Option('--warm-up <duration>', 'load before it, checked but not measured')
      .default(warmUpMs, formatDuration(warmUpMs))
      .argParser(durationFrom(0)),
    new Option('--size <size>', 'bytes of a notification').default(sizeBytes).argParser(byteSizeFrom(1)),
    new Option('--publishers <kind>', 'persistent is one connection, ephemeral one a notification; auto prefers the first')
      .default('auto')
      .choices(['auto', 'persistent', 'ephemeral']),
    new Option('--seed <number>', 'the same seed chooses the same channels').default(seed).argParser(integerBetween(0, 2 ** 32 - 1)),
    new Option('--json', 'print the result as one JSON object'),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
}

function parseLoadUrl(value: string): string {
  const url = parseBrokerUrl(value);
  if (url.startsWith('ws:')) return url;
  throw new InvalidArgumentError('Expected a ws: URL; bench does not speak TLS yet.');
}
