import { expect, it } from 'vitest';
import { jsonReporter } from '../../../src/scenario/report/index.js';
import { EACH, FAILURE, SUMMARY, WIRE } from './results.js';

it('prints a line of JSON for each case, with the wire log where the case did not end as it should, and a summary', () => {
  const lines: string[] = [];
  const reporter = jsonReporter((line) => lines.push(line));
  for (const result of EACH) reporter.caseDone(result);
  reporter.end(SUMMARY);
  const values = lines.map((line) => JSON.parse(line));
  expect(lines.join('')).not.toContain('\n');
  expect(values[0]).toEqual({
    type: 'case',
    id: 'match/passes',
    scenario: 'match/passes',
    title: 'A list accepts a scalar',
    rules: ['R-3.2'],
    level: 'must',
    file: 'scenarios/match/list.yaml',
    line: 1,
    column: 1,
    round: 1,
    outcome: { kind: 'passed' },
    durationMs: 12.3,
  });
  expect(values[1]).toMatchObject({
    scenario: 'match/fails',
    row: { given: '2' },
    outcome: { kind: 'failed', failure: FAILURE },
    wire: WIRE,
  });
  expect(values.map((value) => 'wire' in value)).toEqual([false, true, true, true, true, false, false]);
  expect(values.at(-1)).toEqual({ type: 'summary', ...SUMMARY });
});
