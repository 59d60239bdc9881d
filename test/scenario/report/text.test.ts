import { describe, expect, it } from 'vitest';
import { textReporter } from '../../../src/scenario/report/index.js';
import type { CaseResult, Summary } from '../../../src/scenario/result.js';
import { EACH, failed, PLAIN, resultOf, SUMMARY } from './results.js';

function report(results: readonly CaseResult[], summary: Partial<Summary> = {}, planned = results): readonly string[] {
  const lines: string[] = [];
  const reporter = textReporter({
    cases: planned.map((result) => result.case),
    repeat: 1,
    style: PLAIN,
    write: (more) => lines.push(...more),
  });
  for (const result of results) reporter.caseDone(result);
  reporter.end({ ...SUMMARY, ...summary });
  return lines;
}

describe('textReporter', () => {
  it('shows failures as they come, each chapter at its end, reasons, and a summary', () => {
    expect(report(EACH.map((result) => ({ ...result, wire: {} })))).toEqual([
      '✗ match/fails#2  A list accepts a scalar  (R-3.2 Accepting)',
      '  with {"given":"2"}',
      '  scenarios/match/list.yaml:4:30: alice has received 0 of 1 "news"',
      '    4 |   - expect: { client: alice, count: 1 }',
      '      |                              ^^^^^^^^',
      '  expected  {"a":1}',
      '            {"b":2}',
      '  actual    nothing',
      '',
      '! match/noted  A list accepts a scalar  (R-3.2 Accepting; level info, no failure of the run)',
      '  scenarios/match/list.yaml:4:30: alice has received 0 of 1 "news"',
      '    4 |   - expect: { client: alice, count: 1 }',
      '      |                              ^^^^^^^^',
      '  expected  {"a":1}',
      '            {"b":2}',
      '  actual    nothing',
      '',
      'match     1 passed, 1 failed, 1 failed of level info',
      'close     0 passed, 1 failed as expected, 1 passed unexpectedly, 1 skipped',
      '',
      'Expected failures',
      '  row 4 (2026-11-23): no close frame',
      '    close/expected  alice has received 0 of 1 "news"',
      '',
      'Unexpected passes: take them out of the target file',
      '  row 5 (2026-11-23): relays in another way',
      '    close/unexpected',
      '',
      'Skipped',
      '  needs a server of its own: close/skipped',
      '',
      '1 passed, 1 failed, 1 failure of level info, 1 expected failure, 1 unexpected pass, 1 skipped in 21.4 s against ws://127.0.0.1:8000 (seed 7)',
    ]);
  });

  it('says only what there is when all is well', () => {
    const none = { failed: 0, noted: 0, expectedFailures: 0, unexpectedPasses: 0, skipped: 0 };
    expect(report([resultOf('match/a'), resultOf('match/b')], { ...none, passed: 2 })).toEqual([
      'match     2 passed',
      '',
      '2 passed in 21.4 s against ws://127.0.0.1:8000 (seed 7)',
    ]);
  });

  it('says how much was not run when the run was ended early', () => {
    const planned = [resultOf('match/a'), resultOf('match/b'), resultOf('close/a')];
    const lines = report(planned.slice(0, 1), { isComplete: false }, planned);
    expect(lines.slice(0, 3)).toEqual(['match     1 passed, 1 not run', '', 'The run was ended before all cases had been run.']);
  });

  it('names a case once that was run several times', () => {
    const because = 'row 4: no close frame';
    const twice = [1, 2].map((round) => resultOf('close/a', { kind: 'unexpected-pass', because }, { round }));
    expect(report(twice)).toContain('    close/a (2 times)');
  });

  it('escapes what comes from files and servers', () => {
    const skipped = resultOf('match/a', { kind: 'skipped', because: 'red \u001b[31m' });
    const lines = report([skipped, failed('match/b')], { server: 'node \u001b[2J' });
    expect(lines.join('')).not.toContain('\u001b');
    expect(lines).toContain('  red \\u001b[31m: match/a');
  });
});
