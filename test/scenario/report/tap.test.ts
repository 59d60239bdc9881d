import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { tapReporter } from '../../../src/scenario/report/index.js';
import type { CaseResult, Summary } from '../../../src/scenario/result.js';
import { EACH, FAILURE, failed, SUMMARY, safe } from './results.js';

function report(results: readonly CaseResult[], summary: Summary = SUMMARY): readonly string[] {
  const lines: string[] = [];
  const reporter = tapReporter({ safe, write: (more) => lines.push(...more) });
  for (const result of results) reporter.caseDone(result);
  reporter.end(summary);
  return lines;
}

/** The YAML of the first diagnostic. */
function diagnostic(lines: readonly string[]): unknown {
  return parse(lines.slice(lines.indexOf('  ---') + 1, lines.indexOf('  ...')).join('\n'));
}

describe('tapReporter', () => {
  it('prints a test point for each case; what does not make the run fail is a TODO or a SKIP', () => {
    const points = report(EACH).filter((line) => !line.startsWith('  '));
    expect(points).toEqual([
      'TAP version 14',
      'ok 1 - match/passes A list accepts a scalar',
      'not ok 2 - match/fails\\#2 A list accepts a scalar',
      'not ok 3 - match/noted A list accepts a scalar # TODO level info is no failure of the run',
      'not ok 4 - close/expected A list accepts a scalar # TODO row 4 (2026-11-23): no close frame',
      'ok 5 - close/unexpected A list accepts a scalar # TODO row 5 (2026-11-23): relays in another way',
      'ok 6 - close/skipped A list accepts a scalar # SKIP needs a server of its own',
      '# 1 passed, 1 failed, 1 failure of level info, 1 expected failure, 1 unexpected pass, 1 skipped in 21.4 s against ws://127.0.0.1:8000 (seed 7)',
      '1..6',
    ]);
  });

  it('puts why and the wire log into a block of YAML', () => {
    const lines = report([failed('match/list')]);
    expect(lines.slice(2, -2)).toEqual([
      '  ---',
      '  message: "alice has received 0 of 1 \\"news\\""',
      '  at: { file: "scenarios/match/list.yaml", line: 4, column: 30 }',
      '  rules: [R-3.2]',
      '  level: must',
      '  expected: |2-',
      '    {"a":1}',
      '    {"b":2}',
      '  actual: "nothing"',
      '  wire: |2-',
      '    alice',
      '        0.4 · connected',
      '        1.3 → text        {"sender":"client"}',
      '      112.5 ← close 1000  bye\\u001b[2J\\u202e <b>',
      '  ...',
    ]);
    expect(diagnostic(lines)).toMatchObject({ message: FAILURE.message, expected: FAILURE.expected, actual: 'nothing', rules: ['R-3.2'] });
  });

  it('is YAML also with what is hard to quote', () => {
    const hard = { ...FAILURE, message: 'a: "b" # \\ \u0007', expected: '  - x: {\n\n # y', actual: ': [', rule: 'RFC 6455 section 5.1' };
    const lines = report([failed('match/list', { outcome: { kind: 'failed', failure: hard } })]);
    const { message, expected, actual, rules } = diagnostic(lines) as Record<string, unknown>;
    expect({ message, expected, actual, rules }).toEqual({
      message: hard.message,
      expected: hard.expected,
      actual: hard.actual,
      rules: ['R-3.2', hard.rule],
    });
  });

  it('bails out when the run was ended early', () => {
    const lines = report([], { ...SUMMARY, isComplete: false });
    expect([lines[0], lines.at(-1)]).toEqual(['TAP version 14', 'Bail out! The run was ended before all cases had been run.']);
  });
});
