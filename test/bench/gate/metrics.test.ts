import { describe, expect, it } from 'vitest';
import { METRICS, metricNamed } from '../../../src/bench/gate/metrics.js';
import { ABORTED, FAILED, PASSED, RECOVERED } from '../report/fixture.js';

describe('metrics', () => {
  it.each([
    ['latency.p99', PASSED.latencyMs.p99, 'ms'],
    ['latency.mean', PASSED.latencyMs.mean, 'ms'],
    ['lateness.max', PASSED.latenessMs.max, 'ms'],
    ['fanout.first.p50', PASSED.fanOutMs.first.p50, 'ms'],
    ['fanout.p99.max', PASSED.fanOutMs.p99.max, 'ms'],
    ['fanout.last.p99', PASSED.fanOutMs.last.p99, 'ms'],
    ['planned', 10_000, ''],
    ['sent', 10_000, ''],
    ['late', 2, ''],
    ['rate', 1000.1, '/s'],
    ['expected', 190_000, ''],
    ['delivered', 190_000, ''],
    ['throughput', 19_001.2, '/s'],
    ['ready', 1900, ''],
    ['memory', 9412, 'B'],
  ])('read %s', (name, value, unit) => {
    const metric = metricNamed(name);
    expect({ value: metric.read(PASSED), unit: metric.unit }).toEqual({ value, unit });
  });

  it.each([
    ['recovered', 17_100],
    ['unrecovered', 190],
    ['repeated', 3],
    ['unsent', 1200],
    ['cutOff', 2],
    ['recovery.max', RECOVERED.recovery?.latencyMs.max ?? 0],
    ['resume.min', RECOVERED.recovery?.resumeMs.min ?? 0],
  ])('are there under faults, and have no data without: %s', (name, value) => {
    expect(metricNamed(name).read(RECOVERED)).toBe(value);
    expect(metricNamed(name).read(PASSED)).toBeNull();
  });

  it.each([
    ['lost', 950],
    ['duplicated', 12],
    ['misdelivered', 10],
    ['reordered', 0],
    ['corrupt', 0],
    ['refused', 7],
    ['unknown', 0],
    ['unanswered', 0],
    ['failed', 3],
    ['disconnected', 1],
  ])('count what went wrong: %s', (name, value) => {
    expect(metricNamed(name).read(FAILED)).toBe(value);
  });

  it('have no data for faults that nothing could have had', () => {
    const unknown = METRICS.filter(({ unit, read }) => unit === '' && read(ABORTED) === null).map(({ name }) => name);
    expect(unknown).toEqual([
      ...['late', 'delivered', 'lost', 'duplicated', 'misdelivered', 'reordered', 'corrupt'],
      ...['recovered', 'unrecovered', 'repeated', 'unsent', 'cutOff'],
      ...['refused', 'unknown', 'unanswered'],
    ]);
  });

  it('count a fault that did happen where none was expected', () => {
    const figures = { ...ABORTED, deliveries: { ...ABORTED.deliveries, misdelivered: 1 } };
    expect(metricNamed('misdelivered').read(figures)).toBe(1);
  });

  it('have names that differ', () => {
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
  });

  it.each([
    ['p99', 'latency.p99'],
    ['max', 'latency.max'],
    ['p99.9', 'latency.p999'],
    ['latency.p99.99', 'latency.p9999'],
    ['fanout.p99.p99.9', 'fanout.p99.p999'],
    ['fanout.p99.p99', 'fanout.p99.p99'],
  ])('answer to %s as %s', (given, name) => {
    expect(metricNamed(given).name).toBe(name);
  });

  it('have margins where the latency has them', () => {
    const withMargins = METRICS.filter(({ margin }) => margin(PASSED) !== null);
    expect(withMargins.map(({ name, margin }) => [name, margin(PASSED)])).toEqual([
      ['latency.p50', PASSED.latencyMs.margin.p50],
      ['latency.p99', PASSED.latencyMs.margin.p99],
    ]);
  });

  it.each([
    ['latncy.p99', 'there is no metric "latncy.p99": did you mean "latency.p99"?'],
    ['missdelivered', 'there is no metric "missdelivered": did you mean "misdelivered"?'],
    [
      'fanout.last',
      'there is no metric "fanout.last": the metrics are fanout.last.min, fanout.last.mean, fanout.last.p50, fanout.last.p75, fanout.last.p90, fanout.last.p95, fanout.last.p99, fanout.last.p999, fanout.last.p9999, fanout.last.max',
    ],
  ])('have none of the name %s, and say which one is near', (name, message) => {
    expect(() => metricNamed(name)).toThrow(message);
  });
});
