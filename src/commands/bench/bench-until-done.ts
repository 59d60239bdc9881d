import {
  BenchError,
  type BenchOptions,
  type BenchResult,
  filesNeeded,
  notificationCounts,
  openFileLimit,
  renderReport,
  runBench,
  startBrokerProcess,
} from '../../bench/index.js';
import type { BenchCommandOptions } from '../bench.js';
import { EXIT } from '../exit/exit-codes.js';
import { interruptible } from '../exit/interruption.js';
import { CommandFailure, UsageError } from '../exit/usage-error.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';
import { showProgress } from './bench-progress.js';

/** Notifications of a run: each takes a few bytes of account. */
const MOST_NOTIFICATIONS = 10_000_000;

/** Deliveries of a run: each takes a bit. */
const MOST_DELIVERIES = 1_000_000_000;

const EXIT_FOR = { unreachable: EXIT.unreachable, refused: EXIT.failed, 'too-small': EXIT.usage } as const;

/**
 * Runs `wsn bench`: with a broker of its own unless one is given, until the run is over or interrupted.
 * @returns `EXIT.ok`, `EXIT.failed` when not everything came as it should, or the code of the signal.
 * @throws CommandFailure when the options do not fit together, or the broker is not reached or refuses.
 */
export async function benchUntilDone(given: BenchCommandOptions): Promise<number> {
  checkTogether(given);
  using interruption = interruptible();
  try {
    await using broker = given.url === undefined ? await startBrokerProcess(serveCommandLine()) : undefined;
    const url = given.url ?? broker?.url ?? '';
    const result = await measure({ ...benchOptions(given), url }, given, interruption.signal);
    await print(result, given);
    return interruption.exitCode ?? (result.ok ? EXIT.ok : EXIT.failed);
  } catch (error) {
    if (interruption.exitCode !== undefined) {
      process.stderr.write('interrupted before the load began\n');
      return interruption.exitCode;
    }
    if (error instanceof BenchError) throw new CommandFailure(error.message, EXIT_FOR[error.kind]);
    throw error;
  }
}

function benchOptions(given: BenchCommandOptions): Omit<BenchOptions, 'url'> {
  const { subscribers, channels, rate, seed, publishers } = given;
  return { subscribers, channels, rate, durationMs: given.duration, warmUpMs: given.warmUp, sizeBytes: given.size, seed, publishers };
}

async function measure(options: BenchOptions, { color }: BenchCommandOptions, signal: AbortSignal): Promise<BenchResult> {
  const display = await showProgress(options.subscribers, color);
  try {
    return await runBench(options, { signal, onProgress: (progress) => display.update(progress) });
  } finally {
    display.end();
  }
}

async function print(result: BenchResult, { json, color }: BenchCommandOptions): Promise<void> {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const pen = await coloursFor(process.stdout, color);
  process.stdout.write(renderReport(result, { pen, safe: escapeText }));
}

/** The command line of this very program, to run its own broker. */
function serveCommandLine(): string[] {
  const serve = ['serve', '--host', '127.0.0.1', '--port', '0', '--log-level', 'error', '--log-format', 'json'];
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...serve];
}

function checkTogether(given: BenchCommandOptions): void {
  const { subscribers, channels } = given;
  if (channels > subscribers) {
    throw new UsageError(`--channels ${channels} is more than --subscribers ${subscribers}; each channel needs a subscriber`);
  }
  const counts = notificationCounts({ rate: given.rate, durationMs: given.duration, warmUpMs: given.warmUp });
  if (counts.all > MOST_NOTIFICATIONS) {
    throw new UsageError(`--rate and --duration come to ${count(counts.all)} notifications; at most ${count(MOST_NOTIFICATIONS)} are sent`);
  }
  const deliveries = Math.ceil((counts.all * subscribers) / channels);
  if (deliveries > MOST_DELIVERIES) {
    throw new UsageError(`this comes to ${count(deliveries)} deliveries; at most ${count(MOST_DELIVERIES)} can be told apart`);
  }
  const limit = openFileLimit();
  if (limit !== undefined && filesNeeded(subscribers) > limit) {
    const needed = filesNeeded(subscribers);
    throw new UsageError(
      `--subscribers ${subscribers} needs ${count(needed)} open files, and ${count(limit)} are allowed here: try ulimit -n ${needed}`,
    );
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
