import { join } from 'node:path';
import { json } from '../../../src/document/index.js';
import { loadScenarios } from '../../../src/scenario/file/load.js';
import type { AnyLoadDefinition } from '../../../src/scenario/file/load-shape.js';
import type { CaseResult, Failure, Summary } from '../../../src/scenario/result.js';
import { runSuite, type SuiteOptions } from '../../../src/scenario/run/run-suite.js';
import type { Case } from '../../../src/scenario/scenario.js';
import { STEPS } from '../../../src/scenario/steps/index.js';
import { folderOf } from '../file/loading.js';
import { type Habits, startFakeServer } from './fake-server.js';

/** What stands in a scenario beside its steps. */
export interface Told {
  readonly id?: string;
  readonly level?: 'must' | 'should' | 'info';
  /** Of `clients: { … }`. */
  readonly clients?: string;
  /** Lines behind the steps: `finally`, `matrix`, `server`. */
  readonly more?: readonly string[];
}

/** The line on which a step stands in the file that `scenario` makes; steps count from 1. */
export const lineOf = (step: number) => 6 + step;

/** The text of a scenario file; each step is one line. */
export function scenario(steps: readonly string[], { id = 'a/case', level = 'must', clients, more = [] }: Told = {}): string {
  const head = [`id: ${id}`, 'title: The server does it', 'rule: R-2.3', `level: ${level}`, clients ? `clients: { ${clients} }` : '#'];
  return [...head, 'steps:', ...steps.map((step) => `  - ${step}`), ...more, ''].join('\n');
}

/** Cases of files with these texts, as `wsn test` would load them. */
export function casesOf(...texts: readonly string[]): readonly Case[] {
  return casesWithLoad({ shape: json('A load'), run: async () => [] }, texts);
}

/** The same where a load is what the test says. */
export function casesWithLoad(load: AnyLoadDefinition, texts: readonly string[]): readonly Case[] {
  using folder = folderOf(Object.fromEntries(texts.map((text, index) => [`file-${index}.yaml`, text])));
  const { cases, errors } = loadScenarios([join(folder.path)], { steps: STEPS, load });
  const [error] = errors;
  if (error) throw new Error(`${error.path}:${error.place.line}:${error.place.column}: ${error.message}`);
  return cases;
}

/** Runs cases; all results in the order in which they came. */
export async function runCases(
  options: Pick<SuiteOptions, 'cases' | 'server'> & Partial<SuiteOptions>,
): Promise<{ readonly results: readonly CaseResult[]; readonly summary: Summary }> {
  const results: CaseResult[] = [];
  const summary = await runSuite({
    jobs: 1,
    repeat: 1,
    bail: false,
    shuffle: false,
    seed: 1,
    stepTimeoutMs: 5000,
    headers: {},
    ...options,
    onResult: (result) => {
      results.push(result);
      options.onResult?.(result);
    },
  });
  return { results, summary };
}

/** Runs one scenario of these steps on a server that runs. */
export async function runSteps(url: string, steps: readonly string[], told: Told & { stepTimeoutMs?: number } = {}): Promise<CaseResult> {
  const { results } = await runCases({
    cases: casesOf(scenario(steps, told)),
    server: { url },
    ...(told.stepTimeoutMs === undefined ? {} : { stepTimeoutMs: told.stepTimeoutMs }),
  });
  return results[0] as CaseResult;
}

/** The same on a server of such habits, which keeps no connection behind. */
export async function runOn(
  habits: Partial<Habits>,
  steps: readonly string[],
  told: Parameters<typeof runSteps>[2] = {},
): Promise<CaseResult> {
  await using server = await startFakeServer(habits);
  return await runSteps(server.url, steps, told);
}

/** Why a case failed; a failure of the test when it has not. */
export function failureOf({ outcome, wire }: CaseResult): Failure {
  if ('failure' in outcome) return outcome.failure;
  throw new Error(`the case ${outcome.kind}, expected a failure: ${JSON.stringify(wire, null, 1)}`);
}

/** What there is to say of a case in a line: its outcome, or why it failed. */
export function outcomeOf({ outcome }: CaseResult): string {
  return 'failure' in outcome ? outcome.failure.message : outcome.kind;
}
