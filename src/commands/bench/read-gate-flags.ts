import { readBaseline } from '../../bench/gate/baseline.js';
import { differingSettings } from '../../bench/gate/differing-settings.js';
import { parseRegressRule, type RegressRule } from '../../bench/gate/regression.js';
import { RuleError } from '../../bench/gate/rule-error.js';
import { parseThreshold } from '../../bench/gate/threshold.js';
import type { Profile } from '../../bench/load/load.js';
import type { BenchResult } from '../../bench/result/result.js';
import type { BenchFlags } from '../bench.js';
import { UsageError } from '../exit/usage-error.js';
import { readInput } from '../input/json-input.js';

/** What a result is judged by, beside the thresholds of its profile. */
export interface Gate {
  readonly baseline: BenchResult | null;
  readonly regress: readonly RegressRule[];
}

/** What is worse than the baseline, where nobody says. */
const DEFAULT_REGRESS = ['latency.p50>+10%', 'latency.p99>+10%'];

/**
 * Reads what the result is to be compared with.
 * @throws UsageError when a rule or the baseline cannot be used, or the baseline is of another load; BenchError when it is no result.
 */
export async function readGate(flags: BenchFlags, { load, limits, workers }: Profile): Promise<Gate> {
  if (flags.baseline === undefined) {
    if (flags.regress.length > 0) throw new UsageError('--regress compares with a result of before: give it with --baseline');
    return { baseline: null, regress: [] };
  }
  const regress = (flags.regress.length > 0 ? flags.regress : DEFAULT_REGRESS).map((text) => parsed('--regress', text, parseRegressRule));
  const { name, text } = await readInput(flags.baseline);
  const baseline = readBaseline(text, name);
  const [difference] = differingSettings({ settings: { load, limits, workers } }, baseline);
  if (difference === undefined) return { baseline, regress };
  throw new UsageError(`${name} is of another load, which cannot be compared: ${difference}`);
}

/** @throws UsageError when a threshold of an option cannot be read. */
export function checkThresholds(option: string, thresholds: readonly string[]): void {
  for (const text of thresholds) parsed(option, text, parseThreshold);
}

function parsed<T>(option: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RuleError) throw new UsageError(`${option} ${error.message}`);
    throw error;
  }
}
