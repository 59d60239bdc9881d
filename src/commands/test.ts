import { Command, Option } from 'commander';
import { parseBrokerUrl } from './broker/broker-url.js';
import { type WayOptions, wayOptions } from './broker/way.js';
import { runAction } from './exit/run-action.js';
import { durationFrom, formatDuration } from './options/duration.js';
import { integerBetween } from './options/integer.js';

/** What the options of `wsn test` come to; durations in ms. */
export interface TestOptions extends WayOptions {
  readonly url?: string;
  readonly server?: string;
  readonly target?: string;
  readonly against?: string;
  /** Patterns; none of them means all. */
  readonly only: readonly string[];
  readonly list?: boolean;
  readonly level: 'must' | 'should' | 'info';
  readonly jobs: number;
  readonly repeat: number;
  readonly bail?: boolean;
  readonly shuffle?: boolean;
  readonly seed?: number;
  readonly timeout: number;
  readonly junit?: string;
  readonly html?: string;
  readonly tap?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

const DEFAULTS = { level: 'should', jobs: 16, repeat: 1, timeoutMs: 5000 } as const;

const EXAMPLES = `
Examples:
  wsn test                                            the whole suite against a broker of its own
  wsn test --url ws://127.0.0.1:8000                  against a server that runs
  wsn test --server 'node server.js --port {port}'    against a server that it starts, and starts again where a scenario wants that
  wsn test --only 'match/**' --only close/going-away  some of it
  wsn test my-scenarios/ --junit report.xml           your own scenarios, and a report for CI
  wsn test --only 'match/**' --list                   what would be run
Exit codes: 0 all well (expected failures, skips and level info are no failures), 4 something failed, or with --against
differs, 2 a bad option or scenario file, 3 the server cannot be reached or started, 130 interrupted: Ctrl-C stops and
reports, a second one ends at once.`;

/** `wsn test`: whether a server speaks the protocol, scenario by scenario. */
export function testCommand(): Command {
  const command = new Command('test')
    .description('Test whether a server speaks the protocol')
    .argument('[paths...]', 'scenario files, - for stdin, and folders of them (default: the suite of this program)')
    .addHelpText('after', EXAMPLES);
  for (const option of [...serverOptions(), ...choosingOptions(), ...runningOptions(), ...reportOptions()]) command.addOption(option);
  return command.action(
    runAction(async (paths: string[], given: TestOptions) => {
      const { testServer } = await import('./test/test-server.js');
      return testServer(paths, given);
    }),
  );
}

/** What is tested. Not from WSN_URL: bad messages are sent only to a server that is named for it. */
function serverOptions(): Option[] {
  return [
    new Option('-u, --url <url>', 'the server to test (default: a broker of its own)').argParser(parseBrokerUrl).conflicts('server'),
    new Option('-s, --server <command>', 'command that starts it, with {port}, and with {options} if it takes those of wsn serve'),
    new Option('--target <name>', 'what the server is known to do differently: a file, or the name of one that comes with the suite'),
    new Option('--against <url>', 'run it on this server as well and print only the differences').argParser(parseBrokerUrl),
    ...wayOptions('subscriber'),
  ];
}

function choosingOptions(): Option[] {
  return [
    new Option('--only <pattern>', 'ids such as match/** to run; may be given several times')
      .default([], 'all')
      .argParser((value: string, previous: readonly string[]) => [...previous, value]),
    new Option('--level <level>', 'least binding scenarios that are run').default(DEFAULTS.level).choices(['must', 'should', 'info']),
    new Option('--list', 'print what would be run, and run nothing'),
  ];
}

function runningOptions(): Option[] {
  return [
    new Option('-j, --jobs <count>', 'scenarios under way at a time').default(DEFAULTS.jobs).argParser(integerBetween(1, 1000)),
    new Option('--repeat <count>', 'run each so often').default(DEFAULTS.repeat).argParser(integerBetween(1, 100_000)),
    new Option('--bail', 'stop at the first failure'),
    new Option('--shuffle', 'run in an order that the seed decides'),
    new Option('--seed <number>', 'for the same order again (default: any)').argParser(integerBetween(0, 2 ** 32 - 1)),
    new Option('--timeout <duration>', 'longest wait of a step')
      .default(DEFAULTS.timeoutMs, formatDuration(DEFAULTS.timeoutMs))
      .argParser(durationFrom(1)),
  ];
}

function reportOptions(): Option[] {
  return [
    new Option('--junit <file>', 'write a report as JUnit XML, - for stdout'),
    new Option('--html <file>', 'write a report as one HTML file, - for stdout'),
    new Option('--tap', 'print TAP 14 instead of text'),
    new Option('--json', 'print NDJSON instead of text'),
    new Option('--no-color', 'no colours on a terminal (NO_COLOR does the same)'),
  ];
}
