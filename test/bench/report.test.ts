import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../../src/bench/metrics.js';
import { constantRate } from '../../src/bench/pacer.js';
import { renderReport } from '../../src/bench/report.js';
import { type Recorded, summarise } from '../../src/bench/result.js';

const OPTIONS: Recorded['options'] = {
  url: 'ws://127.0.0.1:8000',
  subscribers: 500,
  channels: 50,
  rate: 1000,
  durationMs: 1000,
  warmUpMs: 100,
  sizeBytes: 200,
  seed: 1,
  publishers: 'persistent',
};

/** Sends `count` notifications, each late by `latenessMs`, delivered `latencyMs` after it was planned. */
function recorded(count: number, { latenessMs = 0.5, latencyMs = 2 } = {}): Recorded {
  const pacer = constantRate(1000, 100 + count);
  const metrics = new Metrics(pacer, 100);
  for (let index = 0; index < 100 + count; index++) {
    metrics.sent(index, pacer.plannedAt(index) + latenessMs);
    metrics.delivered(index, pacer.plannedAt(index) + latencyMs);
  }
  const counts = { expected: count, delivered: count, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };
  return {
    options: OPTIONS,
    planned: count,
    interrupted: false,
    brokerGone: false,
    counts,
    metrics,
    refused: { count: 0 },
    unknown: { count: 0 },
    unanswered: 0,
    disconnected: { count: 0 },
  };
}

function render(result: ReturnType<typeof summarise>) {
  return renderReport(result, { pen: new Chalk({ level: 0 }), safe: (text) => text.replaceAll('\u001b', '\\u001b') });
}

describe('the summary', () => {
  it.each([
    [19, []],
    [20, ['p50']],
    [99, ['p50']],
    [100, ['p50', 'p90']],
    [1000, ['p50', 'p90', 'p99']],
    [9999, ['p50', 'p90', 'p99']],
    [10_000, ['p50', 'p90', 'p99', 'p999']],
  ])('of %i samples shows the percentiles beyond which ten samples lie', (count, shown) => {
    const { samples, max, ...percentiles } = summarise(recorded(count)).latencyMs;
    expect(samples).toBe(count);
    expect(max).toBeCloseTo(2, 1);
    expect(Object.entries(percentiles).flatMap(([name, value]) => (value === null ? [] : [name]))).toEqual(shown);
  });

  it('leaves the warm-up out of the times and the rates', () => {
    const { sent, deliveries } = summarise(recorded(1001));
    expect(sent).toMatchObject({ warmUp: 100, measured: 1001 });
    expect(sent.ratePerSecond).toBeCloseTo(1000);
    expect(deliveries.perSecond).toBeCloseTo(1000, -1);
  });

  it('warns when the generator was late', () => {
    expect(summarise(recorded(1000, { latenessMs: 9 })).warnings).toEqual([]);
    expect(summarise(recorded(1000, { latenessMs: 12, latencyMs: 13 })).warnings).toEqual([
      'the generator itself was late (p99 12.0 ms): these latencies measure it too',
    ]);
  });

  it('of nothing has no figures', () => {
    const { latencyMs, sent } = summarise({ ...recorded(0), interrupted: true });
    expect(latencyMs).toEqual({ samples: 0, p50: null, p90: null, p99: null, p999: null, max: null });
    expect(sent.ratePerSecond).toBeNull();
  });

  it.each<[string, Partial<Recorded>]>([
    ['a loss', { counts: { ...recorded(0).counts, lost: 1 } }],
    ['a duplicate', { counts: { ...recorded(0).counts, duplicated: 1 } }],
    ['a delivery to a wrong subscriber', { counts: { ...recorded(0).counts, misdelivered: 1 } }],
    ['a wrong order', { counts: { ...recorded(0).counts, reordered: 1 } }],
    ['changed bytes', { counts: { ...recorded(0).counts, corrupt: 1 } }],
    ['a refusal', { refused: { count: 1, first: 'x' } }],
    ['a notification that was never answered', { unanswered: 1 }],
    ['a subscriber that was disconnected', { disconnected: { count: 1, first: 'x' } }],
    ['an outcome that nobody knows', { unknown: { count: 1, first: 'x' } }],
    ['an interruption', { interrupted: true }],
    ['a broker that is gone', { brokerGone: true }],
  ])('is not ok with %s', (_, fault) => {
    expect(summarise({ ...recorded(10), ...fault }).ok).toBe(false);
  });
});

describe('the report', () => {
  it('is aligned and says that all is well', () => {
    expect(render(summarise(recorded(1000)))).toBe(
      [
        'wsn bench ws://127.0.0.1:8000',
        '500 subscribers · 50 channels · 1,000 notifications/s',
        '1 s after 0.1 s to warm up · 200 bytes',
        'persistent publisher · base subscribers · seed 1',
        '',
        '  warm-up              100  sent before',
        '  sent               1,000  of 1,000, at 1,000/s, planned 1,000/s',
        '  delivered          1,000  of 1,000 in all, 1,000/s measured',
        '',
        '  lost                   0',
        '  duplicated             0',
        '  misdelivered           0',
        '  reordered              0',
        '  corrupt                0',
        '',
        '  ms                   p50        p90        p99      p99.9        max',
        '  latency             2.00       2.00       2.00          –       2.00',
        '  lateness            0.50       0.50       0.50          –       0.50',
        '  latency: planned to received, 1,000 samples',
        '  lateness: planned to sent, 1,000 samples',
        '  –: fewer than 10 samples lie beyond it: a longer run would show it',
        '',
        '✓ every delivery came once, whole, in order, and only where it was wanted',
        '',
      ].join('\n'),
    );
  });

  it('says what went wrong, with what a broker said made safe', () => {
    const text = render(summarise({ ...recorded(10), refused: { count: 2, first: 'forbidden: \u001b[31m' } }));
    expect(text).toContain('  refused                2\n      first: forbidden: \\u001b[31m\n');
    expect(text).toContain('✗ not everything came once, whole, in order, and only where it was wanted\n');
    expect(text).not.toContain('interrupted');
  });

  it('says that an interrupted run is one', () => {
    expect(render(summarise({ ...recorded(10), planned: 500, interrupted: true }))).toContain(
      '! interrupted: sent 10 of 500; of these nothing went wrong\n',
    );
  });

  it('tells a broker that is gone from an interruption by the user', () => {
    const gone = { planned: 500, brokerGone: true, unknown: { count: 1, first: 'closed with 1006' } };
    const text = render(summarise({ ...recorded(10), ...gone }));
    expect(text).toContain('✗ the broker was gone before the end: sent 10 of 500\n✗ not everything came once');
    expect(text).toContain('  unknown                1\n      first: closed with 1006\n');
    expect(text).not.toContain('interrupted');
  });

  it('fits a terminal of 80 columns, whatever the figures are and a broker says', () => {
    const first = `forbidden: ${'ä long reason '.repeat(9)}${'x'.repeat(200)}`;
    const huge = { count: 10_000_000, first };
    const counts = { expected: 1e9, delivered: 1e9, lost: 1e9, duplicated: 1e9, misdelivered: 1e9, reordered: 1e9, corrupt: 1e9 };
    const options = {
      ...OPTIONS,
      subscribers: 100_000,
      channels: 2000,
      rate: 100_000,
      durationMs: 36e6,
      sizeBytes: 1048576,
      seed: 4294967295,
    };
    const faults = {
      counts,
      refused: huge,
      unknown: huge,
      disconnected: huge,
      unanswered: 1e7,
      planned: 1e7,
      interrupted: true,
      brokerGone: true,
    };
    const text = render(summarise({ ...recorded(10_000, { latenessMs: 9000, latencyMs: 90_000 }), options, ...faults }));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text.replace(/\s/g, '')).toContain(first.replace(/\s/g, ''));
  });
});
