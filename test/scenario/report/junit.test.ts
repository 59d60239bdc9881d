import { describe, expect, it } from 'vitest';
import { junitDocument } from '../../../src/scenario/report/index.js';
import { EACH, FAILURE, failed, SUMMARY } from './results.js';

describe('junitDocument', () => {
  it('has a suite for each chapter and a case for each case, with what an expected failure or a skip is as skipped', () => {
    const results = EACH.map((result) => ({ ...result, wire: {} }));
    const text = [
      'R-3.2 Accepting',
      'scenarios/match/list.yaml:4:30: alice has received 0 of 1 &quot;news&quot;',
      '  4 |   - expect: { client: alice, count: 1 }',
      '    |                              ^^^^^^^^',
      'expected  {&quot;a&quot;:1}',
      '          {&quot;b&quot;:2}',
      'actual    nothing',
    ].join('\n');
    const at = (line: string, time = '0.012') => `file="scenarios/match/list.yaml" line="${line}" time="${time}"`;
    expect(junitDocument(results, SUMMARY).split('\n')).toEqual(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites name="wsn test ws://127.0.0.1:8000" tests="6" failures="1" errors="0" skipped="3" time="21.430">',
        '  <testsuite name="match" tests="3" failures="1" errors="0" skipped="1" time="0.037">',
        `    <testcase classname="match" name="match/passes: A list accepts a scalar" ${at('1')}/>`,
        `    <testcase classname="match" name="match/fails#2: A list accepts a scalar" ${at('1')}>`,
        `      <failure message="alice has received 0 of 1 &quot;news&quot;" type="R-3.2">${text.replace('\n', '\nwith {&quot;given&quot;:&quot;2&quot;}\n')}</failure>`,
        '    </testcase>',
        `    <testcase classname="match" name="match/noted: A list accepts a scalar" ${at('1')}>`,
        '      <skipped message="failed; level info is no failure"/>',
        `      <system-out>${text}</system-out>`,
        '    </testcase>',
        '  </testsuite>',
        '  <testsuite name="close" tests="3" failures="0" errors="0" skipped="2" time="0.025">',
        `    <testcase classname="close" name="close/expected: A list accepts a scalar" ${at('1')}>`,
        '      <skipped message="failed as expected: row 4 (2026-11-23): no close frame"/>',
        `      <system-out>${text}</system-out>`,
        '    </testcase>',
        `    <testcase classname="close" name="close/unexpected: A list accepts a scalar" ${at('1')}>`,
        '      <system-out>passed, and was expected to fail: row 5 (2026-11-23): relays in another way</system-out>',
        '    </testcase>',
        `    <testcase classname="close" name="close/skipped: A list accepts a scalar" ${at('1', '0.000')}>`,
        '      <skipped message="needs a server of its own"/>',
        '    </testcase>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].flatMap((line) => line.split('\n')),
    );
  });

  it('has the wire log of a failure, with nothing in it that XML does not allow', () => {
    const failure = { ...FAILURE, actual: '\u0000 ]]> \ud800' };
    const document = junitDocument([failed('match/list', { outcome: { kind: 'failed', failure } })], SUMMARY);
    expect(document).toContain('actual    \\u0000 ]]&gt; \\ud800');
    expect(document).toContain('  112.5 ← close 1000  bye\\u001b[2J\\u202e &lt;b&gt;');
  });
});
