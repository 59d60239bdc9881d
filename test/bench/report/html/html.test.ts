import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../../src/bench/report/html/html.js';
import type { BenchResult } from '../../../../src/bench/result/result.js';
import { ABORTED, FAILED, INVALID, NASTY, PASSED, RECOVERED, REGRESSED } from '../fixture.js';

/** What a reader sees, without the scripts and styles; cells are divided by `|`. */
async function textOf(result: BenchResult): Promise<string> {
  const html = await renderHtml(result);
  return html
    .replace(/<(style|script|title)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<\/t[hd]>/g, '|')
    .replace(/<[^>]*>/g, '');
}

describe('renderHtml', () => {
  it('is one file of less than 200 KB that points to nothing else', async () => {
    const html = await renderHtml(REGRESSED);
    expect(Buffer.byteLength(html)).toBeLessThan(200_000);
    expect(html.match(/<[^>]*\b(?:src|href|srcset)="[^"]*"/g)).toEqual(['<link rel="icon" href="data:,"']);
    expect(html).not.toMatch(/@import ['"]|\burl\(/);
  });

  it('allows only its own scripts and style', async () => {
    const html = await renderHtml(PASSED);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const inside = [...html.matchAll(/<(script|style)(?: type="module")?>(.*?)<\/\1>/gs)].map(([, , text = '']) => text);
    const hashes = inside.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy.match(/'sha256-[^']*'/g)?.sort()).toEqual(hashes.sort());
    expect(policy).not.toContain('unsafe');
  });

  it('keeps the licence of the library that it holds', async () => {
    expect(await renderHtml(PASSED)).toContain('Permission is hereby granted');
  });

  it.each([
    { result: PASSED, title: '✓ passed', says: ['✓ passed'] },
    { result: FAILED, title: '✗ failed', says: ['✗ failed', 'lost is 950, expected 0', 'lost==0|950|✗ missed|'] },
    {
      result: RECOVERED,
      title: '✗ failed',
      says: ['unrecovered|190|lost, and said so', 'faults|10 % cut for 2 s, every 2 s; 5 % half-open'],
    },
    { result: REGRESSED, title: '✗ regressed', says: ['latency.p99&gt;+10%|', '✗ regressed|', 'Against the baseline'] },
    { result: INVALID, title: '! invalid', says: ['! invalid: the generator was held up', '312 ms|200 ms|✗ past it: leave a core'] },
    {
      result: ABORTED,
      title: '! aborted',
      says: ['! interrupted', 'Too few deliveries for a plot.', 'Too little was delivered for plots.', 'no data'],
    },
  ])('tells that a run is $result.verdict, and why', async ({ result, title, says }) => {
    expect(await renderHtml(result)).toContain(`<title>${title} · wsn bench ws://127.0.0.1:8000</title>`);
    const text = await textOf(result);
    for (const sentence of says) expect(text).toContain(sentence);
  });

  it('shows figures as they were measured, a percentile without enough samples as a dash', async () => {
    const text = await textOf({ ...PASSED, latencyMs: { ...PASSED.latencyMs, p50: 1.234, p99: 9.876, p9999: null } });
    expect(text).toContain('p50|1.23 ± 0.02|');
    expect(text).toContain('p99|9.88 ± 0.41|');
    expect(text).toContain('p99.99|–|');
    expect(text).toContain('delivered|190,000|19,000|');
  });

  it('has a row for what is always asked for only where that was missed', async () => {
    const text = await textOf(FAILED);
    expect(text).not.toContain('corrupt==0|');
    expect(text).toContain('Always asked for, and held: reordered==0, corrupt==0, unknown==0, unanswered==0.');
  });

  it('lets nobody who is quoted write markup', async () => {
    const evil = `${NASTY}</title></script><script>alert(1)</script><img src=x onerror=alert(1)>" onclick="`;
    const mishap = { count: 1, first: evil };
    const html = await renderHtml({
      ...FAILED,
      url: evil,
      startedAt: evil,
      version: evil,
      because: [evil],
      notes: [evil],
      machine: { ...FAILED.machine, cpu: evil },
      used: { ...FAILED.used, subprotocol: evil },
      connections: { ...FAILED.connections, failed: mishap, disconnected: mishap },
      notifications: { ...FAILED.notifications, refused: mishap, http: { statusCodes: { [evil]: 1 }, perSecond: 1, errors: 0 } },
      thresholds: [{ threshold: evil, isImplied: true, measured: null, unit: evil, isPassed: true }],
      regression: {
        baseline: { startedAt: evil, version: evil, latencyMs: PASSED.latencyMs },
        rules: [{ rule: evil, before: 1, now: 2, unit: evil, changePercent: 1, margin: 1, isRegression: true }],
      },
    });
    expect(html.match(/<script\b/g)).toHaveLength(3);
    expect(html).not.toMatch(/<img|" onclick="/);
    expect(html).not.toContain('\u001b');
    expect(html).toContain('full \\u001b[31m| &lt;/td&gt; ]]&gt; &amp; &quot;now&quot;\\u0000\nnext `line`');
  });
});
