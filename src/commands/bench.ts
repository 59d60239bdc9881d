import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_LOAD, DEFAULT_RATE, DEFAULT_WINDOW, PUBLISHER_CONNECTIONS } from '../bench/load/load.js';
import { displayUrl, parseBrokerUrl } from './broker/broker-url.js';
import { type WayOptions, wayOptions } from './broker/way.js';
import { runAction } from './exit/run-action.js';
import { UsageError } from './exit/usage-error.js';
import { formatDuration } from './options/duration.js';

/** Options that are members of a load, as they were written: a file, which is read later, may give them as well. */
export type LoadFlag =
  | 'subscribers'
  | 'channels'
  | 'spread'
  | 'traffic'
  | 'subscriptions'
  | 'protocol'
  | 'connectRate'
  | 'connecting'
  | 'publishers'
  | 'publisherConnections'
  | 'size'
  | 'duration'
  | 'warmUp'
  | 'ready'
  | 'drain'
  | 'hostile'
  | 'seed'
  | 'workers';

/** What the options of `wsn bench` come to. */
export interface BenchFlags extends Readonly<Partial<Record<LoadFlag, string>>>, WayOptions {
  readonly url?: string;
  /** Options for the broker of this command's own. */
  readonly serve?: string;
  readonly profile?: string;
  readonly arrivals?: string;
  readonly rate?: string;
  readonly window?: string;
  readonly faults: readonly string[];
  readonly limit: readonly string[];
  readonly threshold: readonly string[];
  readonly findMax: readonly string[];
  readonly baseline?: string;
  readonly regress: readonly string[];
  /** `true`: instead of text. */
  readonly json?: string | true;
  readonly save?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  wsn bench                                                     a broker of its own, a light load
  wsn bench -s 500 -k 50 -r 2000 --arrivals poisson             20,000 deliveries a second: 10 subscribers a channel
  wsn bench --url ws://127.0.0.1:8000 --threshold 'p99<50ms'    a broker that runs already, and what has to hold
  wsn bench --url wss://staging.example --token @token --api-key @key    one that wants to know who comes
  wsn bench --profile load.yaml --baseline base.json            a load from a file, compared with a run of before
  wsn bench --protocol v1 --faults 'cut every=2s share=10% for=2s'         connections that break: is anything lost
  wsn bench -s 1000 --find-max 'p99<50ms'                       the highest rate that holds
An option wins over the environment, that over the file, that over the default. Latency counts from the moment at which a
notification was planned, so a slow broker cannot hide behind a slow sender.
Exit codes: 0 passed, 2 a bad option or file, 3 the broker cannot be reached or takes nothing, 5 a threshold was missed,
6 worse than the baseline, 7 invalid: the generator was too slow, 130 interrupted: Ctrl-C reports what there is, a second
one ends at once.`;

/** `wsn bench`: a load on a broker, what came of it, and whether that is enough. */
export function benchCommand(): Command {
  const command = new Command('bench').description('Put a load on a broker and judge what comes of it').addHelpText('after', EXAMPLES);
  const options = [...loadOptions(), ...timeOptions(), ...wayToUrl(), ...gateOptions(), ...outputOptions()];
  for (const option of options) command.addOption(option);
  return command.action(
    runAction(async (flags: BenchFlags, self: Command) => {
      refuseEmptyOptions(self);
      refuseWayToNobody(self);
      const { benchUntilDone } = await import('./bench/bench-until-done.js');
      return benchUntilDone(flags);
    }),
  );
}

const { connect, phases, ...usual } = DEFAULT_LOAD;

const CONNECTIONS = Object.entries(PUBLISHER_CONNECTIONS)
  .map(([kind, count]) => `${kind} ${count}`)
  .join(', ');

function loadOptions(): Option[] {
  return [
    // Not from WSN_URL: a load is put only on a broker that is named for it.
    flag('-u, --url <url>', 'the broker to load (default: one of its own, in another process)').argParser(parseLoadUrl),
    flag('--serve <options>', "options of wsn serve for that broker of its own; {dir} is a folder that is removed after: '--data {dir}'"),
    flag('--profile <file>', 'a load in YAML or JSON, or a scenario that has one; - for stdin'),
    flag('-s, --subscribers <count>', 'connections that subscribe', usual.subscribers),
    flag('-k, --channels <count>', 'channels; where there are fewer subscribers, one for each', usual.channels),
    flag('--subscriptions <count>', 'subscriptions a subscriber, each to another channel', usual.subscriptions),
    flag('--spread <spread>', 'how subscribers choose channels: uniform, zipf or zipf:1.1', 'uniform'),
    flag('--traffic <spread>', 'how notifications choose theirs', 'uniform'),
    flag('--protocol <name>', 'auto takes wsn.v1 where the broker has it; base or v1', usual.protocol),
    flag('--connect-rate <count>', 'new connections a second', 'as fast as --connecting allows'),
    flag('--connecting <count>', 'handshakes under way at the same time', connect.inFlight),
    flag('--publishers <kind>', 'auto (persistent where the broker has wsn.v1, else ephemeral), persistent, ephemeral or http', 'auto'),
    flag('--publisher-connections <count>', 'connections that publish', CONNECTIONS),
    flag('--arrivals <plan>', 'when notifications are sent: constant, poisson, ramp, steps or max', 'constant'),
    flag('-r, --rate <rate>', 'notifications a second; 100..2000 for a ramp, 100,200,400 for steps', DEFAULT_RATE),
    flag('--window <count>', 'notifications under way with --arrivals max', DEFAULT_WINDOW),
    flag('--size <size>', 'a notification', '200B'),
    flag('--hostile <shares>', "subscribers that behave badly: 'slow=5%,never=1%,half-open=1%,reconnecting=2%'", 'none'),
    list(
      '--faults <fault>',
      "what is broken in the hold, such as 'cut every=2s share=10% for=2s' or 'restart at=5s for=1s'; several times",
    ),
    flag('--seed <number>', 'the same seed gives the same load', usual.seed),
  ];
}

function timeOptions(): Option[] {
  return [
    flag('-d, --duration <duration>', 'the hold, which is measured', formatDuration(phases.holdMs)),
    flag('--warm-up <duration>', 'load before it, checked but not measured', formatDuration(phases.warmUpMs)),
    flag('--ready <duration>', 'how long subscribers may take to become ready', formatDuration(phases.readyMs)),
    flag('--drain <duration>', 'how long deliveries may fail to come until they are lost', formatDuration(phases.drainMs)),
    flag('--workers <count>', 'threads that receive', 'two cores less than there are, at most 8'),
    list('--limit <name=value>', 'what the generator may be held up by: lateShare=1%, loopDelay=200ms, …; several times'),
  ];
}

/** Subscribers bring the token, publishers the key, or the token where there is none: a key may hear nothing. */
function wayToUrl(): Option[] {
  return wayOptions('publisher').map((option) => {
    if (option.attributeName() === 'token')
      option.description = 'who subscribes to --url, and publishes without a key; @FILE reads it from a file';
    if (option.attributeName() === 'apiKey') option.description = 'key of the publishers; @FILE reads it from a file';
    return option;
  });
}

function gateOptions(): Option[] {
  return [
    list('--threshold <rule>', "what has to hold, such as 'latency.p99<50ms' or 'lost<0.1%'; several times, and beside the file's"),
    list('--find-max <rule>', "search the highest rate that holds, such as 'p99<50ms'; several times"),
    flag('--baseline <file>', 'a result that was saved, to compare with'),
    list('--regress <rule>', 'what is worse than the baseline; several times', "'latency.p50>+10%' and 'latency.p99>+10%'"),
  ];
}

function outputOptions(): Option[] {
  return [
    flag('--save <file>', 'keep the result, as a baseline of later runs; not of a run that is invalid or aborted'),
    flag('--json [file]', 'the result as one JSON object, on stdout instead of text, or in a file'),
    flag('--junit <file>', 'a report as JUnit XML, - for stdout'),
    flag('--markdown <file>', 'a report in Markdown, - for stdout; added to $GITHUB_STEP_SUMMARY as well where that is set'),
    flag('--html <file>', 'a report as one HTML file, - for stdout'),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
}

/** An option that can be set in the environment. Its default is only shown: a file may come between. */
function flag(flags: string, description: string, usually?: string | number): Option {
  const option = new Option(flags, usually === undefined ? description : `${description} (default: ${usually})`);
  return option.env(`WSN_BENCH_${option.name().replaceAll('-', '_').toUpperCase()}`);
}

/** The same for one that may be given several times, or once with commas. */
function list(flags: string, description: string, usually = 'none'): Option {
  const parts = (value: string) => value.split(',').map((part) => part.trim());
  const collect = (value: string, previous: readonly string[]) => [...previous, ...parts(value)];
  return flag(flags, description).default([], usually).argParser(collect);
}

/**
 * A script that sets `--threshold "$LIMIT"` without a limit must not pass for want of one. In the environment an empty
 * variable is the same as none.
 * @throws UsageError for an option on the command line, or one of several values, that is empty.
 */
function refuseEmptyOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const values: readonly unknown[] = [command.getOptionValue(name)].flat();
    if (command.getOptionValueSource(name) !== 'cli' || !values.includes('')) continue;
    throw new UsageError(`${option.long}: found an empty value: give it one, or leave the option out`);
  }
}

/**
 * A broker of one's own lets everybody in, and another one has its options already.
 * @throws UsageError for a typed option that only says how to come to the broker of `--url`, without that, or how to start one, with it.
 */
function refuseWayToNobody(command: Command): void {
  if (command.getOptionValue('url') !== undefined) {
    if (command.getOptionValueSource('serve') !== 'cli') return;
    throw new UsageError("--serve is for a broker of this command's own: leave it out, or leave out --url");
  }
  for (const option of wayOptions('publisher')) {
    if (command.getOptionValueSource(option.attributeName()) !== 'cli') continue;
    throw new UsageError(`${option.long} is for the broker of --url: name one, or leave it out for a broker of this command's own`);
  }
}

function parseLoadUrl(value: string): string {
  const url = parseBrokerUrl(value);
  if (displayUrl(url) !== url) throw new InvalidArgumentError('Expected a URL without a name and a password; --header can send them.');
  return url;
}
