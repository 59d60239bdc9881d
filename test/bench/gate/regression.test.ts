import { describe, expect, it } from 'vitest';
import { compareRuns, parseRegressRule } from '../../../src/bench/gate/regression.js';
import { RuleError } from '../../../src/bench/gate/rule-error.js';
import { PASSED } from '../report/fixture.js';
import { withDeliveries, withLatency } from './measured.js';

const NO_MARGIN = { p50: null, p99: null };

describe('parseRegressRule', () => {
  it.each([
    ['latency.p99>+10%', 'latency.p99', 'higher', 10],
    [' p50 > + 2.5 % ', 'latency.p50', 'higher', 2.5],
    ['throughput<-5%', 'throughput', 'lower', 5],
    ['throughput<−5%', 'throughput', 'lower', 5],
  ])('reads %s', (text, name, worse, percent) => {
    const { metric, ...rule } = parseRegressRule(text);
    expect({ name: metric.name, ...rule }).toEqual({ text: text.trim(), name, worse, percent });
  });

  it.each(['', 'latency.p99', 'latency.p99>10%', 'latency.p99>+10', 'latency.p99>-10%', 'latency.p99<+10%', 'latency.p99>+10ms'])(
    'refuses "%s" and shows how a rule is written',
    (text) => {
      const message = `"${text}" is no rule for regressions: write a metric, >+ or <-, and a percentage, such as "latency.p99>+10%" or "throughput<-5%"`;
      expect(() => parseRegressRule(text)).toThrow(new RuleError(message));
    },
  );

  it('says which metric may be meant', () => {
    expect(() => parseRegressRule('latency.p9>+10%')).toThrow(
      new RuleError('"latency.p9>+10%": there is no metric "latency.p9": did you mean "latency.p90"?'),
    );
  });
});

describe('compareRuns', () => {
  const compare = (text: string, before: Partial<typeof PASSED>, now: Partial<typeof PASSED>) =>
    compareRuns({ ...PASSED, ...now }, { ...PASSED, ...before }, [parseRegressRule(text)]).rules[0];

  it('carries what the baseline was', () => {
    const { startedAt, version, latencyMs } = PASSED;
    expect(compareRuns(PASSED, PASSED, [])).toEqual({ baseline: { startedAt, version, latencyMs }, rules: [] });
  });

  it.each([
    { what: 'beyond both', before: 10, now: 12, margins: [0.3, 0.4], isRegression: true },
    { what: 'beyond the percentage alone', before: 10, now: 12, margins: [1.5, 1.6], isRegression: false },
    { what: 'beyond the margin alone', before: 10, now: 10.9, margins: [0.1, 0.1], isRegression: false },
    { what: 'as much as the percentage', before: 10, now: 11, margins: [0, 0], isRegression: false },
    { what: 'better', before: 10, now: 5, margins: [0.1, 0.1], isRegression: false },
  ])('takes what is $what as regression: $isRegression', ({ before, now, margins: [a = 0, b = 0], isRegression }) => {
    const outcome = compare('latency.p99>+10%', withLatency(1, before, { p50: 0, p99: a }), withLatency(1, now, { p50: 0, p99: b }));
    expect(outcome).toEqual({
      rule: 'latency.p99>+10%',
      before,
      now,
      unit: 'ms',
      changePercent: expect.closeTo((100 * (now - before)) / before, 9),
      margin: expect.closeTo(Math.hypot(a, b), 9),
      isRegression,
    });
  });

  it('joins margins as the root of the sum of their squares', () => {
    const before = withLatency(10, 1, { p50: 3, p99: 0 });
    expect(compare('p50>+10%', before, withLatency(15.1, 1, { p50: 4, p99: 0 }))).toMatchObject({ margin: 5, isRegression: true });
    expect(compare('p50>+10%', before, withLatency(14.9, 1, { p50: 4, p99: 0 }))).toMatchObject({ margin: 5, isRegression: false });
  });

  it('needs only the percentage where there is no margin', () => {
    const slower = { deliveries: { ...PASSED.deliveries, perSecond: 18_000 } };
    expect(compare('throughput<-5%', {}, slower)).toMatchObject({ margin: null, isRegression: true });
    expect(compare('throughput<-6%', {}, slower)).toMatchObject({ margin: null, isRegression: false });
    expect(compare('p99>+10%', withLatency(1, 10, NO_MARGIN), withLatency(1, 12, NO_MARGIN))).toMatchObject({
      margin: null,
      isRegression: true,
    });
  });

  it.each([
    ['now', withLatency(1, 10, NO_MARGIN), withLatency(1, null, NO_MARGIN)],
    ['before', withLatency(1, null, NO_MARGIN), withLatency(1, 10, NO_MARGIN)],
  ])('takes having no data %s for a regression', (_, before, now) => {
    expect(compare('p99>+10%', before, now)).toMatchObject({ changePercent: null, isRegression: true });
  });

  it('takes everything for more than nothing', () => {
    expect(compare('duplicated>+50%', {}, withDeliveries({ duplicated: 1 }))).toMatchObject({
      before: 0,
      now: 1,
      changePercent: null,
      isRegression: true,
    });
    expect(compare('duplicated>+50%', {}, {})).toMatchObject({ before: 0, now: 0, changePercent: null, isRegression: false });
  });
});
