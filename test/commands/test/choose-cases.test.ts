import { describe, expect, it } from 'vitest';
import { chooseCases } from '../../../src/commands/test/choose-cases.js';
import { caseOf } from '../../scenario/report/results.js';

const CASES = [
  caseOf('match/list-against-scalar#1'),
  caseOf('match/list-against-scalar#2'),
  caseOf('match/empty-filters', { level: 'should' }),
  caseOf('close/going-away', { level: 'info' }),
];

const choose = (only: readonly string[], level: 'must' | 'should' | 'info' = 'should') =>
  chooseCases(CASES, { only, level }).map(({ id }) => id);

describe('chooseCases', () => {
  it('takes all cases of the level or of a more binding one', () => {
    expect(choose([], 'must')).toEqual(['match/list-against-scalar#1', 'match/list-against-scalar#2']);
    expect(choose([], 'should')).toHaveLength(3);
    expect(choose([], 'info')).toHaveLength(4);
  });

  it('takes what any pattern fits, in the order of the suite; a scenario stands for all of its rows', () => {
    expect(choose(['match/empty*', 'match/list-against-scalar'])).toEqual([
      'match/list-against-scalar#1',
      'match/list-against-scalar#2',
      'match/empty-filters',
    ]);
    expect(choose(['**#2'])).toEqual(['match/list-against-scalar#2']);
  });

  it.each([
    ['match/list-agianst-scalar', '--only "match/list-agianst-scalar" fits none of 4 cases; did you mean "match/list-against-scalar"?'],
    ['mtach/**', '--only "mtach/**" fits none of 4 cases; did you mean "match/**"?'],
    ['match', '--only "match" fits none of 4 cases; did you mean "match/**"?'],
    ['going', '--only "going" fits none of 4 cases; did you mean "close/going-away"?'],
    ['xyzzy/**', '--only "xyzzy/**" fits none of 4 cases; wsn test --list shows them'],
  ])('says of %s that it fits nothing, and what may have been meant', (pattern, message) => {
    expect(() => choose(['match/**', pattern])).toThrow(message);
  });

  it('says which level is needed when that leaves nothing', () => {
    expect(() => choose(['close/**'])).toThrow('all 1 cases that were chosen are below level should: add --level info');
    expect(() => choose(['match/empty-filters'], 'must')).toThrow('below level must: add --level should');
  });
});
