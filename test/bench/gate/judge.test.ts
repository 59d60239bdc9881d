import { describe, expect, it } from 'vitest';
import { type Judgement, judge } from '../../../src/bench/gate/judge.js';
import { parseRegressRule } from '../../../src/bench/gate/regression.js';
import { parseThreshold } from '../../../src/bench/gate/threshold.js';
import type { Measurement } from '../../../src/bench/result/measurement.js';
import { INVALID, PASSED } from '../report/fixture.js';
import { measured, withDeliveries, withLatency } from './measured.js';

const MARGIN = { p50: 0.01, p99: 0.1 };
const NONE: Judgement = { thresholds: [], baseline: null, regress: [] };

/** A verdict, with the goal that p99 stays below 50 ms, and no more than 10 % above the 2 ms of the baseline. */
function verdictOf(different: Partial<Measurement>, judgement: Partial<Judgement> = {}) {
  const baseline = { ...PASSED, ...withLatency(1, 2, MARGIN) };
  const rules = { thresholds: [parseThreshold('latency.p99<50ms')], baseline, regress: [parseRegressRule('latency.p99>+10%')] };
  const { verdict, because } = judge(measured(different), { ...rules, ...judgement });
  return { verdict, because };
}

const SLOW = withLatency(1, 61.2, MARGIN);
const SLOWER = withLatency(1, 2.9, MARGIN);
const AS_BEFORE = withLatency(1, 2, MARGIN);
const SICK = { generator: INVALID.generator };

describe('judge', () => {
  it('passes what keeps all', () => {
    expect(verdictOf(AS_BEFORE)).toEqual({ verdict: 'passed', because: [] });
  });

  it('fails what misses a threshold, and says what else is worse', () => {
    expect(verdictOf({ ...SLOW, ...withDeliveries({ lost: 950 }) })).toEqual({
      verdict: 'failed',
      because: [
        'latency.p99 is 61.2 ms, expected < 50 ms',
        'lost is 950, expected 0',
        'latency.p99>+10%: it is 61.2 ms, and was 2.00 ms in the baseline (+2,960 %), and chance explains only 0.14 ms',
      ],
    });
  });

  it('fails what has no data', () => {
    const thresholds = [parseThreshold('p99.99<1s'), parseThreshold('memory<1MB')];
    const { verdict, because } = verdictOf(
      { connections: { ...PASSED.connections, memoryBytesEach: null }, latencyMs: { ...PASSED.latencyMs, p9999: null } },
      { ...NONE, thresholds },
    );
    expect({ verdict, because }).toEqual({
      verdict: 'failed',
      because: ['there is no data for p99.99<1s, memory<1MB: what has no data does not pass'],
    });
  });

  it('fails a run whose broker went away, whatever the thresholds say', () => {
    const thresholds = [parseThreshold('disconnected>=0')];
    expect(verdictOf({ isBrokerGone: true }, { ...NONE, thresholds })).toEqual({
      verdict: 'failed',
      because: ['the broker is gone: no connection was left to go on with'],
    });
  });

  it('calls worse what is worse than the baseline', () => {
    expect(verdictOf(SLOWER)).toEqual({
      verdict: 'regressed',
      because: ['latency.p99>+10%: it is 2.90 ms, and was 2.00 ms in the baseline (+45 %), and chance explains only 0.14 ms'],
    });
  });

  it('says of which side there is no data', () => {
    expect(verdictOf(withLatency(1, null, MARGIN), { thresholds: [] }).because).toEqual(['latency.p99>+10%: there is no data now']);
    const baseline = { ...PASSED, ...withLatency(1, null, MARGIN) };
    expect(verdictOf(AS_BEFORE, { baseline }).because).toEqual(['latency.p99>+10%: there is no data in the baseline']);
  });

  it('neither passes nor fails what a generator out of breath has measured', () => {
    expect(verdictOf({ ...SICK, ...SLOW })).toEqual({
      verdict: 'invalid',
      because: ['an event loop of the generator stood still for 312 ms (limit 200 ms): leave a core to the generator'],
    });
  });

  it.each([
    ['lateShare', 0.018, 0.01, '1.8 % of the notifications left more than 10 ms after their moment (limit 1 %): do less'],
    ['busyShare', 0.97, 0.95, 'a receiving thread of the generator was busy for 97 % of the hold (limit 95 %): do less'],
    ['cpuShare', 0.99, 0.95, 'the generator used 99 % of all cores (limit 95 %): do less'],
    ['gcPauseMs', 130, 100, 'the generator paused for 130 ms to collect garbage (limit 100 ms): do less'],
    ['backlogMs', 250, 200, 'the generator read 250 ms behind what it was sent (limit 200 ms): do less'],
  ] as const)('says which limit was past: %s', (limit, value, bound, sentence) => {
    const checks = [{ limit, measured: value, bound, isPast: true, advice: 'do less' }];
    expect(verdictOf({ generator: { ...PASSED.generator, isValid: false, checks } }).because).toEqual([sentence]);
  });

  it('calls aborted what was stopped, and lists its thresholds all the same', () => {
    const stopped = measured({ isAborted: true, ...SICK, ...SLOW, notifications: { ...PASSED.notifications, sent: 12 } });
    const { verdict, because, thresholds } = judge(stopped, { ...NONE, thresholds: [parseThreshold('p99<50ms')] });
    expect({ verdict, because }).toEqual({ verdict: 'aborted', because: ['interrupted after 12 of 10,000 notifications'] });
    expect(thresholds.map(({ threshold, isPassed }) => [threshold, isPassed]).slice(0, 2)).toEqual([
      ['p99<50ms', false],
      ['lost==0', true],
    ]);
  });

  it('does not compare runs of different settings, yet fails what failed', () => {
    const baseline = { ...PASSED, settings: { ...PASSED.settings, workers: 3 } };
    expect(verdictOf(AS_BEFORE, { baseline })).toEqual({
      verdict: 'invalid',
      because: ['the run cannot be compared with its baseline: workers is 1, in the baseline 3. Measure both with the same settings'],
    });
    expect(verdictOf(SLOW, { baseline })).toEqual({ verdict: 'failed', because: ['latency.p99 is 61.2 ms, expected < 50 ms'] });
    expect(judge(measured(), { ...NONE, baseline }).regression).toBeNull();
  });

  it('notes that a baseline is of another machine', () => {
    const baseline = { ...PASSED, machine: { ...PASSED.machine, cores: 64 } };
    const { notes } = judge(measured({ notes: ['one'] }), { ...NONE, baseline });
    expect(notes).toEqual(['one', 'the baseline is of another machine: cores is 2, in the baseline 64']);
    expect(judge(measured({ notes: [] }), NONE).notes).toEqual([]);
  });

  it('gives a result of the published form', () => {
    const result = judge(measured(), { ...NONE, baseline: PASSED });
    expect(Object.keys(result).toSorted()).toEqual(Object.keys(PASSED).toSorted());
  });
});
