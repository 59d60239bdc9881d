import { nearest } from '../../document/index.js';
import { matchesGlob } from '../../scenario/run/glob.js';
import { type Case, LEVELS } from '../../scenario/scenario.js';
import { UsageError } from '../exit/usage-error.js';
import type { TestOptions } from '../test.js';

/** How many ids a message suggests. */
const SUGGESTED = 3;

/**
 * The cases that `--only` and `--level` choose, in their order.
 * @throws UsageError for a pattern that fits no case, with ids that are near, and when nothing is left to run.
 */
export function chooseCases(cases: readonly Case[], { only, level }: Pick<TestOptions, 'only' | 'level'>): readonly Case[] {
  for (const pattern of only) {
    if (!cases.some(({ id }) => matchesGlob(pattern, id))) throw new UsageError(noneFits(pattern, cases));
  }
  const named = only.length === 0 ? cases : cases.filter(({ id }) => only.some((pattern) => matchesGlob(pattern, id)));
  const chosen = named.filter((one) => LEVELS.indexOf(one.level) <= LEVELS.indexOf(level));
  if (chosen.length > 0) return chosen;
  if (named.length === 0) throw new UsageError('there are no cases to run');
  const least = named.some((one) => one.level === 'should') ? 'should' : 'info';
  throw new UsageError(`all ${named.length} cases that were chosen are below level ${level}: add --level ${least}`);
}

function noneFits(pattern: string, cases: readonly Case[]): string {
  const near = nearIds(pattern, cases);
  const hint = near.length === 0 ? 'wsn test --list shows them' : `did you mean ${near.map((id) => `"${id}"`).join(' or ')}?`;
  return `--only "${pattern}" fits none of ${cases.length} cases; ${hint}`;
}

/** Ids that begin or end like the pattern, or are spelled much like it; a chapter for a pattern with a wrong one. */
function nearIds(pattern: string, cases: readonly Case[]): readonly string[] {
  const scenarios = [...new Set(cases.map(({ scenario }) => scenario))];
  const chapters = [...new Set(scenarios.map((id) => id.slice(0, id.indexOf('/') + 1)).filter((chapter) => chapter !== ''))];
  const [folder = '', rest] = [pattern.slice(0, pattern.indexOf('/') + 1) || pattern, pattern.slice(pattern.indexOf('/') + 1)];
  if (rest === pattern || /[*?]/.test(pattern)) {
    const chapter = nearest(folder.replace(/\/?$/, '/'), chapters);
    if (chapter !== undefined) return [`${chapter}**`];
  }
  const spelled = nearest(pattern.replace(/#.*/, ''), scenarios);
  if (spelled !== undefined) return [spelled];
  const words = rest?.toLowerCase().replace(/[*?#].*/, '') ?? '';
  return words.length < 3 ? [] : scenarios.filter((id) => id.toLowerCase().includes(words)).slice(0, SUGGESTED);
}
