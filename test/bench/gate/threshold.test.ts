import { describe, expect, it } from 'vitest';
import { RuleError } from '../../../src/bench/gate/rule-error.js';
import { describeMiss, judgeThresholds, parseThreshold } from '../../../src/bench/gate/threshold.js';
import { ABORTED, FAILED, PASSED, RECOVERED } from '../report/fixture.js';
import { withDeliveries } from './measured.js';

describe('parseThreshold', () => {
  it.each([
    ['latency.p99<50ms', 'latency.p99', '<', 50, false],
    [' latency.p99 <= 50 ms ', 'latency.p99', '<=', 50, false],
    ['p50<800us', 'latency.p50', '<', 0.8, false],
    ['p50<800µs', 'latency.p50', '<', 0.8, false],
    ['fanout.last.max<1.5s', 'fanout.last.max', '<', 1500, false],
    ['lost==0', 'lost', '==', 0, false],
    ['lost!=3', 'lost', '!=', 3, false],
    ['lost<0.1%', 'lost', '<', 0.1, true],
    ['sent>=99.9 %', 'sent', '>=', 99.9, true],
    ['throughput>1000/s', 'throughput', '>', 1000, false],
    ['throughput>1000', 'throughput', '>', 1000, false],
    ['memory<20KB', 'memory', '<', 20_480, false],
    ['memory<1 MB', 'memory', '<', 1_048_576, false],
    ['memory<5000', 'memory', '<', 5000, false],
  ])('reads %s', (text, name, operator, bound, isShare) => {
    const { metric, ...threshold } = parseThreshold(text);
    expect({ name: metric.name, ...threshold }).toEqual({ text: text.trim(), name, operator, bound: expect.closeTo(bound, 9), isShare });
  });

  it.each([
    ['', '"" is no threshold: write a metric, a comparison and a value, such as "latency.p99<50ms" or "lost==0"'],
    ['lost', '"lost" is no threshold: write a metric, a comparison and a value, such as "latency.p99<50ms" or "lost==0"'],
    ['lost=0', '"lost=0" compares with "=": expected <, <=, >, >=, == or !=, as in "latency.p99<50ms" or "lost==0"'],
    ['lost=<0', '"lost=<0" compares with "=<": expected <, <=, >, >=, == or !=, as in "latency.p99<50ms" or "lost==0"'],
    ['lots==0', '"lots==0": there is no metric "lots": did you mean "lost"?'],
    ['p99<50', '"p99<50": found "50", but latency.p99 is compared with a time with its unit (us, ms or s), such as 50ms'],
    ['p99<', '"p99<": there is no value, but latency.p99 is compared with a time with its unit (us, ms or s), such as 50ms'],
    ['p99<5%', '"p99<5%": found "5%", but latency.p99 is compared with a time with its unit (us, ms or s), such as 50ms'],
    ['p99<fast', '"p99<fast": found "fast", but latency.p99 is compared with a time with its unit (us, ms or s), such as 50ms'],
    ['lost<-1', '"lost<-1": found "-1", but lost is compared with a count, such as 0, or a share, such as 0.1%'],
    ['lost<1ms', '"lost<1ms": found "1ms", but lost is compared with a count, such as 0, or a share, such as 0.1%'],
    ['planned<1%', '"planned<1%": found "1%", but planned is compared with a count, such as 0'],
    ['rate>1k', '"rate>1k": found "1k", but rate is compared with a rate, such as 1000/s'],
    ['memory<1GB', '"memory<1GB": found "1GB", but memory is compared with a size in B, KB or MB, such as 20KB'],
    ['memory<1constructor', '"memory<1constructor": found "1constructor", but memory is compared with a size in B, KB or MB, such as 20KB'],
  ])('refuses "%s" and says why', (text, message) => {
    expect(() => parseThreshold(text)).toThrow(new RuleError(message));
  });
});

describe('judgeThresholds', () => {
  const outcome = (text: string, figures = PASSED) => judgeThresholds(figures, [parseThreshold(text)])[0];

  it.each([
    ['sent<10000', false],
    ['sent<10001', true],
    ['sent<=10000', true],
    ['sent<=9999', false],
    ['sent>10000', false],
    ['sent>9999', true],
    ['sent>=10000', true],
    ['sent>=10001', false],
    ['sent==10000', true],
    ['sent==10001', false],
    ['sent!=10000', false],
    ['sent!=10001', true],
  ])('compares 10,000 with %s', (text, isPassed) => {
    expect(outcome(text)).toEqual({ threshold: text, isImplied: false, measured: 10_000, unit: '', isPassed });
  });

  it('takes shares of what there could have been', () => {
    expect(outcome('lost<0.5%', FAILED)).toEqual({ threshold: 'lost<0.5%', isImplied: false, measured: 0.5, unit: '%', isPassed: false });
    expect(outcome('lost<=0.5%', FAILED)?.isPassed).toBe(true);
    expect(outcome('refused<=0.07%', FAILED)?.measured).toBeCloseTo(0.07, 9);
  });

  it.each(['p9999<1000s', 'throughput<1000000', 'lost<100%', 'delivered>=0', 'p99!=1ms', 'memory<1MB'])(
    'passes nothing without data: %s',
    (text) => {
      expect(outcome(text, ABORTED)).toMatchObject({ measured: null, isPassed: false });
    },
  );

  it('adds that nothing may go wrong, unless a threshold speaks of it', () => {
    const outcomes = judgeThresholds(FAILED, [parseThreshold('lost<1%'), parseThreshold('p99<1s')]);
    expect(outcomes.map(({ threshold, isImplied, isPassed }) => [threshold, isImplied, isPassed])).toEqual([
      ['lost<1%', false, true],
      ['p99<1s', false, true],
      ['duplicated==0', true, false],
      ['misdelivered==0', true, false],
      ['reordered==0', true, true],
      ['corrupt==0', true, true],
      ['refused==0', true, false],
      ['unknown==0', true, true],
      ['unanswered==0', true, true],
      ['disconnected==0', true, false],
      ['failed==0', true, false],
    ]);
  });

  it('adds under faults that nothing may be unrecovered or repeated, unless a threshold speaks of it', () => {
    const outcomes = judgeThresholds(RECOVERED, [parseThreshold('unrecovered<1%')]);
    expect(outcomes[0]).toMatchObject({ measured: 0.1, unit: '%', isPassed: true });
    expect(outcomes.filter(({ isImplied, isPassed }) => isImplied && !isPassed).map(({ threshold }) => threshold)).toEqual(['repeated==0']);
    expect(judgeThresholds(RECOVERED, []).map(({ threshold }) => threshold)).toContain('unrecovered==0');
    expect(judgeThresholds(PASSED, []).map(({ threshold }) => threshold)).not.toContain('unrecovered==0');
  });

  it.each([
    ['lost==0', { lost: 950 }, 'lost is 950, expected 0'],
    ['lost<0.1%', { lost: 950 }, 'lost is 0.5 %, expected < 0.1 %'],
    ['throughput>=20000/s', {}, 'throughput is 19,001/s, expected >= 20000/s'],
    ['memory<4KB', {}, 'memory is 9.4 KB, expected < 4 KB'],
  ])('says of %s what was measured and what was expected', (text, counts, sentence) => {
    const [missed] = judgeThresholds({ ...PASSED, ...withDeliveries(counts) }, [parseThreshold(text)]);
    expect(missed && describeMiss(missed)).toBe(sentence);
  });
});
