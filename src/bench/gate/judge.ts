import type { Measurement } from '../result/measurement.js';
import type { BenchResult, Regression, ThresholdOutcome, Verdict } from '../result/result.js';
import { describeAbort, describeHealth, describeMisses, describeRegression } from './because.js';
import { differingMachine, differingSettings } from './differing-settings.js';
import { compareRuns, type RegressRule } from './regression.js';
import { judgeThresholds, type Threshold } from './threshold.js';

/** What a run has to keep. */
export interface Judgement {
  readonly thresholds: readonly Threshold[];
  /** The run that it is compared with; `null` for none. */
  readonly baseline: BenchResult | null;
  /** Without a baseline they say nothing. */
  readonly regress: readonly RegressRule[];
}

interface Finding {
  readonly verdict: Verdict;
  readonly because: readonly string[];
}

/**
 * Comes to a verdict. What makes a figure meaningless comes before what the figure says: a run that was stopped, then one
 * whose generator was past a limit; then what missed a threshold, then what has become worse. A run of other settings than
 * its baseline is not compared with it, and unless it failed it is invalid.
 */
export function judge(measurement: Measurement, { thresholds, baseline, regress }: Judgement): BenchResult {
  const { isAborted: _isAborted, isBrokerGone: _isBrokerGone, ...measured } = measurement;
  const outcomes = judgeThresholds(measurement, thresholds);
  const differences = baseline ? differingSettings(measurement, baseline) : [];
  const regression = baseline && differences.length === 0 ? compareRuns(measurement, baseline, regress) : null;
  const findings = [
    abortion(measurement),
    sickness(measurement),
    failure(measurement, outcomes, regression),
    difference(differences),
    worsening(regression),
  ];
  const { verdict, because } = findings.find((finding) => finding !== null) ?? { verdict: 'passed', because: [] };
  const notes = [...measured.notes, ...noteOfMachine(measurement, regression && baseline)];
  return { ...measured, verdict, because, thresholds: outcomes, regression, notes };
}

function abortion(measurement: Measurement): Finding | null {
  return measurement.isAborted ? { verdict: 'aborted', because: [describeAbort(measurement)] } : null;
}

function sickness({ generator }: Measurement): Finding | null {
  return generator.isValid ? null : { verdict: 'invalid', because: describeHealth(generator.checks) };
}

function failure({ isBrokerGone }: Measurement, outcomes: readonly ThresholdOutcome[], regression: Regression | null): Finding | null {
  const misses = describeMisses(outcomes);
  const gone = isBrokerGone ? ['the broker is gone: no connection was left to go on with'] : [];
  if (gone.length + misses.length === 0) return null;
  return { verdict: 'failed', because: [...gone, ...misses, ...(worsening(regression)?.because ?? [])] };
}

function difference(differences: readonly string[]): Finding | null {
  if (differences.length === 0) return null;
  const why = `the run cannot be compared with its baseline: ${differences.join('; ')}`;
  return { verdict: 'invalid', because: [`${why}. Measure both with the same settings`] };
}

function worsening(regression: Regression | null): Finding | null {
  const worse = regression?.rules.filter(({ isRegression }) => isRegression) ?? [];
  return worse.length === 0 ? null : { verdict: 'regressed', because: worse.map(describeRegression) };
}

function noteOfMachine({ machine }: Measurement, baseline: BenchResult | null): string[] {
  const differences = baseline ? differingMachine(machine, baseline.machine) : [];
  return differences.length === 0 ? [] : [`the baseline is of another machine: ${differences.join('; ')}`];
}
