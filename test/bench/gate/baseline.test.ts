import { describe, expect, test } from 'vitest';
import { BenchError } from '../../../src/bench/bench-error.js';
import { readBaseline } from '../../../src/bench/gate/baseline.js';
import { PASSED } from '../report/fixture.js';

const GIVE = 'give a file that --save has written';

const REFUSED: readonly (readonly [title: string, text: string, message: string])[] = [
  ['nothing', '', `is not a result of wsn bench: it is empty: ${GIVE}`],
  ['what is no JSON', '{"format"', 'is not a result of wsn bench: it is not JSON: '],
  ['what is no JSON and has control characters', '\u001b[31m\n', 'is not a result of wsn bench: it is not JSON: '],
  ['a list', '[]', `is not a result of wsn bench: found an empty list, expected a map: ${GIVE}`],
  ['null', 'null', `is not a result of wsn bench: found no value (null), expected a map: ${GIVE}`],
  ['other JSON', '{"name": "wsn"}', `is not a result of wsn bench: it has no member "format": ${GIVE}`],
  ['another format', '{"format": 1}', `is not a result of wsn bench: its member "format" is the number 1, expected "wsn-bench/1": ${GIVE}`],
  [
    'a later version of the format',
    JSON.stringify({ ...PASSED, format: 'wsn-bench/2' }),
    'has the format "wsn-bench/2", expected "wsn-bench/1": it is of another version of wsn: measure it again with this one',
  ],
  [
    'the result of a search',
    '{"format": "wsn-bench-find-max/1"}',
    'is the result of a search by --find-max, which has no single run to compare with: measure a baseline without it',
  ],
  [
    'a wrong member',
    JSON.stringify({ ...PASSED, version: 1, url: null }),
    'is not a result of wsn bench: at version: found the number 1, expected text: put it in quotes (and 1 more): ',
  ],
  ['a member too few', JSON.stringify({ ...PASSED, url: undefined }), `is not a result of wsn bench: the member "url" is missing: ${GIVE}`],
  [
    'an invalid run',
    JSON.stringify({ ...PASSED, verdict: 'invalid' }),
    'is of a run that ended invalid: the generator was past a limit, and its figures say nothing about the broker: measure it again',
  ],
  [
    'an aborted run',
    JSON.stringify({ ...PASSED, verdict: 'aborted' }),
    'is of a run that ended aborted: it was interrupted before its end: measure it again',
  ],
];

describe('readBaseline', () => {
  test.each(['passed', 'failed', 'regressed'] as const)('reads what was kept of a run that %s', (verdict) => {
    const kept = { ...PASSED, verdict };
    expect(readBaseline(JSON.stringify(kept, null, 2), 'base.json')).toEqual(kept);
  });

  test.each(REFUSED)('refuses %s', (_title, text, message) => {
    const error = refusalOf(text);
    expect(error).toBeInstanceOf(BenchError);
    expect(error).toMatchObject({ kind: 'usage', message: expect.stringContaining(`base.json: ${message}`) });
    expect((error as Error).message).not.toContain('\n');
  });

  test('keeps what a hostile file says on one line and short', () => {
    const error = refusalOf(JSON.stringify({ format: `\u001b[31m\n${'x'.repeat(1000)}` }));
    expect((error as Error).message).toContain('"\\u001b[31m\\nxxx');
    expect((error as Error).message.length).toBeLessThan(200);
  });
});

function refusalOf(text: string): unknown {
  try {
    readBaseline(text, 'base.json');
  } catch (error) {
    return error;
  }
  return undefined;
}
