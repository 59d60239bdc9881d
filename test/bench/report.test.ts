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
    aborted: false,
    counts,
    metrics,
    refused: { count: 0 },
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
    const { latencyMs, sent } = summarise({ ...recorded(0), aborted: true });
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
    ['an interruption', { aborted: true }],
  ])('is not ok with %s', (_, fault) => {
    expect(summarise({ ...recorded(10), ...fault }).ok).toBe(false);
  });
});

describe('the report', () => {
  it('is aligned and says that all is well', () => {
    expect(render(summarise(recorded(1000)))).toBe(
      [
        'wsn bench ws://127.0.0.1:8000',
        '500 subscribers · 50 channels · 1,000 notifications/s for 1 s after 0.1 s to warm up',
        '200 bytes · persistent publisher · base subscribers · seed 1',
        '',
        '  sent                 1,000  at 1,000/s, planned 1,000/s, after 100 to warm up',
        '  delivered            1,000  of 1,000 in all, 1,000/s while measuring',
        '',
        '  lost                     0',
        '  duplicated               0',
        '  misdelivered             0',
        '  reordered                0',
        '  corrupt                  0',
        '',
        '  ms                     p50        p90        p99      p99.9        max',
        '  latency               2.00       2.00       2.00          –       2.00  planned to received, 1,000 samples',
        '  lateness              0.50       0.50       0.50          –       0.50  planned to sent, 1,000 samples',
        '– fewer than 10 samples lie beyond it: a longer run would show it',
        '',
        '✓ every delivery came once, whole, in order, and only where it was wanted',
        '',
      ].join('\n'),
    );
  });

  it('says what went wrong, with what a broker said made safe', () => {
    const text = render(summarise({ ...recorded(10), refused: { count: 2, first: 'forbidden: \u001b[31m' } }));
    expect(text).toContain('  refused                  2  first: forbidden: \\u001b[31m\n');
    expect(text).toContain('✗ not everything came once, whole, in order, and only where it was wanted\n');
  });

  it('says that an interrupted run is one', () => {
    expect(render(summarise({ ...recorded(10), aborted: true }))).toContain(
      '! interrupted: the figures are of what was sent until then, of which nothing went wrong\n',
    );
  });
});
