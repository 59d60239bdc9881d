import { describe, expect, it } from 'vitest';
import { failureLines } from '../../../src/scenario/report/failure.js';
import type { WireEvent } from '../../../src/scenario/wire.js';
import { caseOf, FAILURE, failed, PLAIN, WIRE } from './results.js';

describe('failureLines', () => {
  it('shows the place in the file, what was expected and came, and what went over the wire, all of it escaped', () => {
    const result = failed('match/list#2', { case: caseOf('match/list#2', { row: { given: '2' } }) });
    expect(failureLines(result, FAILURE, PLAIN)).toEqual([
      '✗ match/list#2  A list accepts a scalar  (R-3.2 Accepting)',
      '  with {"given":"2"}',
      '  scenarios/match/list.yaml:4:30: alice has received 0 of 1 "news"',
      '    4 |   - expect: { client: alice, count: 1 }',
      '      |                              ^^^^^^^^',
      '  expected  {"a":1}',
      '            {"b":2}',
      '  actual    nothing',
      '  alice',
      '      0.4 · connected',
      '      1.3 → text        {"sender":"client"}',
      '    112.5 ← close 1000  bye\\u001b[2J\\u202e <b>',
    ]);
  });

  it('says the rule that is broken where it is another one, the round, and that level info is no failure of the run', () => {
    const result = failed('match/list', { case: caseOf('match/list', { level: 'info' }), round: 3, wire: {} });
    const [heading] = failureLines(result, { ...FAILURE, rule: 'RFC 6455 section 5.1' }, PLAIN);
    expect(heading).toBe(
      '! match/list (round 3)  A list accepts a scalar  (R-3.2 Accepting; breaks RFC 6455 section 5.1; level info, no failure of the run)',
    );
  });

  it('leaves out what is empty', () => {
    const lines = failureLines(failed('match/list', { wire: { alice: [] } }), { ...FAILURE, expected: '', actual: '' }, PLAIN);
    expect(lines).toHaveLength(4);
  });

  it('shows the last 12 events of each client, and cuts a payload to the width with its size behind it', () => {
    const events = Array.from({ length: 20 }, (_, index): WireEvent => {
      return { atMs: index, direction: 'received', what: 'text', payload: `${index} ${'x'.repeat(300)}…`, bytes: 70_000 };
    });
    const lines = failureLines(failed('match/list', { wire: { ...WIRE, bob: events } }), FAILURE, PLAIN);
    const start = lines.indexOf('  bob, the last 12 of 20 events');
    expect(lines.slice(start + 1)).toHaveLength(12);
    expect(lines[start + 1]).toBe(`     8.0 ← text  8 ${'x'.repeat(63)}… 70,000 bytes`);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(PLAIN.columns);
  });

  it('shows bytes that are no text whole, when they have room', () => {
    const wire = { raw: [{ atMs: 0, direction: 'received', what: 'bytes', payload: '81ff00', bytes: 3 }] } as const;
    expect(failureLines(failed('match/list', { wire }), FAILURE, PLAIN).at(-1)).toBe('    0.0 ← bytes  81ff00');
  });
});
