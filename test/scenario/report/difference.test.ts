import { describe, expect, it } from 'vitest';
import { type Comparison, differenceJson, differenceLines } from '../../../src/scenario/report/index.js';
import { caseOf, FAILURE, PLAIN } from './results.js';

const COMPARISON: Comparison = {
  differences: [
    {
      case: caseOf('match/list'),
      outcomes: [{ kind: 'passed' }, { kind: 'failed', failure: FAILURE }],
      frames: [
        { client: 'alice', number: 2, frames: ['text {"a":1}', 'text {"a":"1\u001b"}'] },
        { client: 'alice', number: 13, frames: [undefined, `close 1000 ${'x'.repeat(200)}`] },
      ],
    },
    { case: caseOf('close/own'), outcomes: [{ kind: 'passed' }, { kind: 'skipped', because: 'needs its own' }], frames: [] },
  ],
  cases: 310,
  servers: ['a broker of its own', 'ws://127.0.0.1:9000'],
  durationMs: 40_000,
  isComplete: true,
};

describe('differences of two servers', () => {
  it('are shown case by case and frame by frame', () => {
    expect(differenceLines(COMPARISON, PLAIN)).toEqual([
      '≠ match/list  A list accepts a scalar  (R-3.2 Accepting)',
      '  - passed',
      '  + failed: alice has received 0 of 1 "news"',
      '  alice',
      '      2 - text {"a":1}',
      '        + text {"a":"1\\u001b"}',
      '     13 - nothing',
      `        + close 1000 ${'x'.repeat(78)}…`,
      '',
      '- a broker of its own',
      '+ ws://127.0.0.1:9000',
      '1 of 310 cases differs, 1 not compared because one server cannot be asked in 40.0 s',
    ]);
  });

  it('are an object each as NDJSON', () => {
    const [first, second, summary] = differenceJson(COMPARISON).map((line) => JSON.parse(line));
    expect(first).toMatchObject({ type: 'difference', id: 'match/list', frames: [{ client: 'alice', number: 2 }, {}] });
    expect(second).toMatchObject({ type: 'difference', id: 'close/own' });
    expect(summary).toEqual({
      type: 'summary',
      different: 1,
      cases: 310,
      servers: COMPARISON.servers,
      durationMs: 40_000,
      isComplete: true,
    });
  });
});
