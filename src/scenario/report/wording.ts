import type { CaseResult, Summary } from '../result.js';
import { RULES } from '../rules.js';

/** The folder in which a scenario is: the part of its id in front of the first slash; without one it is the scenario itself. */
export function chapterOf({ case: { id } }: Pick<CaseResult, 'case'>): string {
  const [chapter = id] = id.split(/[/#]/);
  return chapter;
}

/** Whether it is a failure that makes the run fail: one of level `info` does not. */
export function isFailure({ case: { level }, outcome }: CaseResult): boolean {
  return outcome.kind === 'failed' && level !== 'info';
}

/** The id, with the round from the second on. */
export function nameOf({ case: { id }, round }: CaseResult): string {
  return round === 1 ? id : `${id} (round ${round})`;
}

/** Rules with their titles: `R-3.2 Accepting, R-3.3 Equal scalars`. */
export function rulesText(rules: readonly string[]): string {
  return rules.map((rule) => (RULES[rule] === undefined ? rule : `${rule} ${RULES[rule]}`)).join(', ');
}

/** What a run came to, without the zeros: `310 passed, 2 failed in 21.4 s against ws://… (seed 7)`. */
export function summaryText(summary: Summary): string {
  const counts = countsOf(summary)
    .filter(([kind, count]) => count > 0 || kind === 'passed')
    .map(([, count, text]) => `${count} ${text}`);
  return `${counts.join(', ')} in ${secondsText(summary.durationMs)} against ${summary.server} (seed ${summary.seed})`;
}

/** The counts of a summary with their words, the worst last but the one that is wanted. */
export function countsOf(summary: Summary): readonly (readonly [kind: keyof Summary, count: number, text: string])[] {
  const { passed, failed, noted, expectedFailures, unexpectedPasses, skipped } = summary;
  return [
    ['passed', passed, 'passed'],
    ['failed', failed, 'failed'],
    ['noted', noted, noted === 1 ? 'failure of level info' : 'failures of level info'],
    ['expectedFailures', expectedFailures, expectedFailures === 1 ? 'expected failure' : 'expected failures'],
    ['unexpectedPasses', unexpectedPasses, unexpectedPasses === 1 ? 'unexpected pass' : 'unexpected passes'],
    ['skipped', skipped, 'skipped'],
  ];
}

/** `21.4 s`. */
export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `1,048,576 bytes`, the same on every machine. */
export function bytesText(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en-US')} bytes`;
}
