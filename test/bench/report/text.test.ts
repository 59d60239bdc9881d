import { stripVTControlCharacters } from 'node:util';
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { renderText } from '../../../src/bench/report/text.js';
import { renderFindMax } from '../../../src/bench/report/text-find-max.js';
import type { BenchResult } from '../../../src/bench/result/result.js';
import { escapeText } from '../../../src/commands/terminal/escape-text.js';
import { ABORTED, FAILED, FOUND, INVALID, PASSED, RECOVERED, REGRESSED } from './fixture.js';

const ALL = { PASSED, FAILED, REGRESSED, INVALID, ABORTED, RECOVERED };

const textOf = (result: BenchResult, { level = 0, columns = 80 }: { level?: 0 | 1; columns?: number } = {}) =>
  renderText(result, { pen: new Chalk({ level }), safe: escapeText, columns });

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

describe('renderText', () => {
  it.each(Object.entries(ALL))('keeps to the width of the terminal: %s', (_, result) => {
    for (const columns of [60, 80, 100, 120, 160, 220]) {
      for (const line of textOf(result, { columns }).split('\n')) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  it.each(Object.entries(ALL))('says the same with colours and without: %s', (_, result) => {
    expect(stripVTControlCharacters(textOf(result, { level: 1 }))).toBe(textOf(result));
  });

  it('says what was run, that it passed, and ends with the figures that matter most', () => {
    const lines = textOf(PASSED).trimEnd().split('\n');
    expect(lines.slice(0, 7)).toEqual([
      'wsn bench ws://127.0.0.1:8000',
      '  2,000 subscribers · 100 channels · 3 % slow · 2 % never',
      '  1,000 notifications/s · 200 B · 10 s after 1 s to warm up',
      '  persistent publishers · wsn.v1 · seed 1 · 1 worker',
      '  wsn 0.1.0 · Node v20.19.43 · linux x64, 2 cores',
      '',
      '✓ passed',
    ]);
    expect(lines.at(-1)).toBe('✓ passed · 190,000 of 190,000 delivered · p50 0.87 ±0.02, p99 2.36 ±0.41 ms');
  });

  it('has the thresholds with what was measured, and those that always hold in one sentence', () => {
    expect(textOf(PASSED)).toContain(
      [
        'Thresholds',
        '  ✓  latency.p99<50ms      2.36 ms',
        '  ✓  throughput>=15000/s  19,001/s',
        '  ✓  always: lost==0, duplicated==0, misdelivered==0, reordered==0, corrupt==0,',
        '     refused==0, unknown==0, unanswered==0, disconnected==0, failed==0',
        '',
      ].join('\n'),
    );
  });

  it('tells what faults did and what the broker made good, where the load has any', () => {
    const text = textOf(RECOVERED, { columns: 100 });
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'faults: 10 % cut for 2 s, every 2 s · 5 % half-open for 3 s, every 4 s from 1 s on · restart (SIGKILL) for 1 s, at 5 s persistent',
    );
    expect(text).toContain(
      [
        'Recovery',
        '  resumed            2,745  760 lines cut, 95 lines half-open, 1 restart',
        '  not resumed           10',
        '  recovered         17,100  delivered in replays',
        '  unrecovered          190  lost, and said so',
        '  repeated               3  positions told so',
        '  unsent             1,200  while restarting',
        '  cut off                2  not answered before a restart',
        '',
      ].join('\n'),
    );
    expect(textOf(RECOVERED, { level: 1 })).toContain(red('190'));
    expect(textOf(PASSED)).not.toMatch(/recover|fault/i);
  });

  it('has a missed threshold in red, one without data too, and those that always hold when they do not', () => {
    const text = textOf(FAILED, { level: 1 });
    expect(text).toContain(`${red('✗')}  latency.p99<2ms      ${red('2.36 ms')}\n`);
    expect(text).toContain(`${red('✗')}  lateness.p99.99<1ms  ${red('no data')}\n`);
    expect(text).toContain(`${red('✗')}  lost==0                  ${red('950')}  `);
  });

  it('judges no threshold of an invalid run, and says what held the generator up and what to change', () => {
    const text = textOf(INVALID);
    expect(text).toContain('! invalid: the generator was held up');
    expect(text).toContain('  –  latency.p99<50ms      2.36 ms\n');
    expect(text).toContain('Generator held up\n');
    expect(text).toContain('  ✗  event loop delay       312 ms  limit 200 ms\n');
    expect(text).toContain('  event loop delay: leave a core to the generator\n');
  });

  it('has every kind of fault, and the channels where it went wrong', () => {
    expect(textOf(FAILED)).toContain(
      [
        'Deliveries',
        '  expected         190,000  19,000 in the warm-up',
        '  delivered        189,050  18,906/s',
        '  lost                 950  0.5 %',
        '  misdelivered          10  < 0.01 %',
        '  corrupt                0',
        '  duplicated            12  < 0.01 %',
        '  reordered              0',
        '    channel 17: 950 lost of 1,900',
        '    channel 3: 10 misdelivered, 12 duplicated of 1,900',
        '',
      ].join('\n'),
    );
    expect(textOf(FAILED, { level: 1 })).toContain(red('950'));
  });

  it('has percentiles with their margins, of latency, lateness and fan-out', () => {
    expect(textOf(PASSED)).toContain(
      [
        '                    min    p50   p75   p90   p95    p99  p99.9  p99.99   max',
        '  latency          0.18   0.87  1.07  1.25  1.39   2.36   51.2    60.0  61.4',
        '    95 % margin          ±0.02                    ±0.41',
        '  sending late     0.04   0.07  0.09  0.12  0.15   0.24   0.37       –  0.45',
        '  first receiver   0.18   0.53  0.68  0.85  0.98   1.94   50.6       –  60.7',
      ].join('\n'),
    );
  });

  it('has a bar for each range of latencies', () => {
    const text = textOf(PASSED);
    expect(text).toContain('  ≤ 0.50 ms  ████████▉                                         13,954   7.34 %\n');
    expect(text).toContain(`  ≤ 1.00 ms  ${'█'.repeat(48)}  75,713  39.85 %\n`);
    const counts = [...text.matchAll(/^ +≤ .* ([\d,]+) +[\d.]+ %$/gm)].map(([, count = '']) => Number(count.replaceAll(',', '')));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(190_000);
  });

  it('has who was connected, how the hostile ones fared, what a subscriber and a delivery cost, and the slowest', () => {
    const text = textOf(PASSED);
    expect(text).toContain('  connected          2,000  of 2,000, in 840 ms\n');
    expect(text).toContain('  never                 40  hostile; broker dropped 2\n');
    expect(text).toContain('  memory            9.4 KB  a subscriber\n');
    expect(text).toContain('     CPU a delivery: 3.84 µs\n');
    expect(text).toContain('    61.4     6.200 s         7,200        0       1,800\n');
  });

  it('puts sections beside each other on a wide terminal', () => {
    const lines = textOf(PASSED, { columns: 120 }).split('\n');
    expect(lines).toContain(`${'Thresholds'.padEnd(62)}Latency, planned to received`);
    expect(lines.length).toBeLessThan(textOf(PASSED).split('\n').length);
  });

  it('makes what a broker said safe for the terminal', () => {
    const text = textOf(FAILED);
    expect(text).toContain('✗ 3 connections failed, the first: full \\u001b[31m| </td> ]]> &');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u0000');
  });

  it('compares with the baseline, by how much it may differ by chance', () => {
    expect(textOf(REGRESSED)).toContain(
      [
        'Compared with the baseline',
        '  of 2026-11-23T06:30:00.000Z, by wsn 0.1.0',
        '     a regression if     before       now   change  by chance',
        '  ✗  latency.p99>+10%   2.36 ms   3.15 ms  +33.1 %   ±0.58 ms',
        '  ✓  latency.p50>+50%   0.87 ms   1.19 ms  +36.3 %   ±0.02 ms',
        '  ✓  throughput<-5%    19,001/s  19,001/s      0 %',
      ].join('\n'),
    );
  });

  it('tells of HTTP publishers their status codes', () => {
    const http = { statusCodes: { '202': 9990, '503': 10 }, perSecond: 999, errors: 1 };
    const text = textOf({ ...PASSED, notifications: { ...PASSED.notifications, http } }, { level: 1 });
    expect(text).toContain('  HTTP 202           9,990  ');
    expect(text).toContain(red('10'));
    expect(text).toContain('  HTTP errors  ');
  });

  it('shows no figure where nothing was measured', () => {
    const text = textOf(ABORTED);
    expect(text).toContain(
      '! interrupted: the figures are of what was sent until then\n  • interrupted after 12 of 10,000 notifications\n',
    );
    expect(text).toContain('  ✗  latency.p99<50ms     no data\n');
    expect(text).toContain('Generator not measured\n');
    expect(text).not.toMatch(/NaN|null|undefined|Infinity/);
  });
});

describe('renderFindMax', () => {
  const style = { pen: new Chalk({ level: 0 }), safe: escapeText, columns: 80 };

  it('has the run at the rate that was found, every trial with its reason, and the rate at the end', () => {
    const text = renderFindMax(FOUND, style);
    expect(text.startsWith('wsn bench ws://127.0.0.1:8000\n')).toBe(true);
    expect(text).toContain('  ✗  8,000/s     301     812    14  missed\n');
    expect(text).toContain('  !  6,727/s       –       –     0  invalid\n');
    expect(text).toContain('  8,000/s: latency.p99 is 812 ms, expected < 50 ms\n');
    expect(text.trimEnd().split('\n').slice(-2)).toEqual([
      '5,657/s is the highest rate that holds p99<50ms',
      '  limited by the broker: at a higher rate it missed the goal',
    ]);
  });

  it('says when no rate held', () => {
    const text = renderFindMax({ ...FOUND, highestRate: null, best: null }, style);
    expect(text).toContain('\nno rate that was tried held p99<50ms\n');
    const held = FOUND.trials.filter(({ outcome }) => outcome === 'held');
    const open = renderFindMax({ ...FOUND, highestRate: null, best: null, trials: held, limitedBy: 'interrupted' }, style);
    expect(open).toContain('\nthe search ended before a rate was known to hold p99<50ms\n');
    const ended = renderFindMax({ ...FOUND, highestRate: null, best: null, trials: [], limitedBy: 'interrupted' }, style);
    expect(ended).toMatch(/^the search ended before a rate was known to hold p99<50ms\n {2}limited by an interruption/);
  });
});
