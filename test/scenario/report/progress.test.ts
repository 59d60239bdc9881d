import { expect, it } from 'vitest';
import { RunProgress } from '../../../src/scenario/report/index.js';
import { caseOf, failed, PLAIN, resultOf } from './results.js';

it('tells in one line how many cases have ended, how many failed, and which was the latest', () => {
  const progress = new RunProgress(310);
  expect(progress.line(PLAIN)).toBe('0/310 · 0 failed · ');
  progress.add(failed('match/a'));
  progress.add(failed('match/b', { case: caseOf('match/b', { level: 'info' }) }));
  progress.add(resultOf('match/list-against-scalar#2'));
  expect(progress.line(PLAIN)).toBe('3/310 · 1 failed · match/list-against-scalar#2');
  expect(progress.line({ ...PLAIN, columns: 30 })).toBe('3/310 · 1 failed · match/list');
});
