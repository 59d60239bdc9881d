import { type Found, findMaxRate } from '../../bench/gate/find-max.js';
import { judge } from '../../bench/gate/judge.js';
import { parseThreshold } from '../../bench/gate/threshold.js';
import { trialOf } from '../../bench/gate/trial.js';
import { runBench } from '../../bench/index.js';
import type { Load } from '../../bench/load/load.js';
import { rate as perSecond } from '../../bench/numbers.js';
import { checkLoad } from '../../bench/profile/check-load.js';
import { renderFindMax } from '../../bench/report/text-find-max.js';
import type { FindMaxResult, Trial } from '../../bench/result/find-max-result.js';
import type { Progress } from '../../bench/result/progress.js';
import type { BenchResult } from '../../bench/result/result.js';
import type { BenchFlags } from '../bench.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import { escapeJson } from '../terminal/escape-json.js';
import { escapeText } from '../terminal/escape-text.js';
import { type BenchDisplay, openBenchDisplay } from './bench-display.js';
import type { BenchTask } from './bench-task.js';
import { reportStyle } from './report-style.js';
import { isTextReplaced, writeResult } from './result-files.js';

const HIGHEST_RATE = 200_000;

/** Options that belong to one run, of which a search has many. */
const OF_ONE_RUN = ['baseline', 'save', 'junit', 'markdown', 'html'] as const;

/** A trial and the whole result that it was made of; `null` when it was interrupted before its load began. */
interface Made extends Trial {
  readonly result: BenchResult | null;
}

/**
 * Looks whether the options go with `--find-max`, before anything is started.
 * @throws UsageError when they do not.
 */
export function checkFindMax(flags: BenchFlags, { arrivals }: Load): void {
  const other = OF_ONE_RUN.find((name) => flags[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--find-max makes many runs and reports on stdout or with --json: leave out --${other}`);
  if (arrivals.kind === 'constant' || arrivals.kind === 'poisson') return;
  throw new UsageError(`--find-max searches one rate: it goes with --arrivals constant or poisson; found ${arrivals.kind}`);
}

/**
 * Searches the highest rate at which all thresholds hold, those of `--find-max` and the others, from the given rate on.
 * @returns `EXIT.ok`, also for a search that ended at the generator's limit; `EXIT.threshold` or `EXIT.invalid` when no rate
 * held; `EXIT.interrupted`.
 * @throws BenchError when a run cannot be made.
 */
export async function findMax(task: BenchTask): Promise<number> {
  const { settings, flags, signal } = task;
  const goal = [...flags.findMax, ...settings.thresholds];
  const display = await openBenchDisplay(process.stderr, flags.color);
  let found: Found<Made>;
  try {
    const trial = trialOn(task, { goal, display });
    found = await findMaxRate({ from: rateOf(settings.load), upTo: highestRate(settings.load), trial, signal });
  } finally {
    display.end();
  }
  const result = resultOf(found, goal);
  if (!isTextReplaced(flags)) process.stdout.write(renderFindMax(result, await reportStyle(flags.color)));
  await writeResult(flags, 'json', () => `${escapeJson(JSON.stringify(result))}\n`);
  return exitFor(result);
}

/** Makes a run at a rate, and tells what came of it. */
function trialOn({ settings, signal }: BenchTask, { goal, display }: { readonly goal: readonly string[]; readonly display: BenchDisplay }) {
  const judgement = { thresholds: goal.map(parseThreshold), baseline: null, regress: [] };
  const onProgress = (progress: Progress) => display.update(progress);
  let number = 0;
  return async (rate: number): Promise<Made> => {
    display.title(`trial ${++number}: ${perSecond(rate)}`);
    const measurement = await runBench({ ...settings, load: atRate(settings.load, rate) }, { signal, onProgress }).catch(
      (error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      },
    );
    if (measurement === null) return { rate, outcome: 'invalid', because: 'interrupted', p50Ms: null, p99Ms: null, lost: 0, result: null };
    const result = judge(measurement, judgement);
    const made = { ...trialOf(rate, result), result };
    display.tell(escapeText(`${perSecond(rate)} ${made.outcome}${made.because === null ? '' : `: ${made.because}`}`));
    return made;
  };
}

function resultOf({ trials, best, highestRate: rate, limitedBy }: Found<Made>, goal: readonly string[]): FindMaxResult {
  return {
    format: 'wsn-bench-find-max/1',
    goal,
    highestRate: rate,
    limitedBy,
    trials: trials.map(({ result: _, ...trial }) => trial),
    best: best?.result ?? null,
  };
}

function exitFor({ highestRate: rate, limitedBy }: FindMaxResult): number {
  if (limitedBy === 'interrupted') return EXIT.interrupted;
  if (rate !== null) return EXIT.ok;
  return limitedBy === 'generator' ? EXIT.invalid : EXIT.threshold;
}

function rateOf({ arrivals }: Load): number {
  return 'rate' in arrivals ? arrivals.rate : 1;
}

function atRate(load: Load, rate: number): Load {
  return { ...load, arrivals: { kind: load.arrivals.kind === 'poisson' ? 'poisson' : 'constant', rate } };
}

/** The highest rate of which a run can still take account. */
function highestRate(load: Load): number {
  let rate = HIGHEST_RATE;
  while (rate > 1 && checkLoad(atRate(load, rate)).length > 0) rate /= 1.1;
  return Math.floor(rate);
}
