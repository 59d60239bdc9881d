import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { describe, expect, test, vi } from 'vitest';
import { startBroker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { notice, publish, subscriber } from '../../support/peers.js';
import { startSecuredBroker } from '../../support/secured-broker.js';
import { temporaryFolder } from '../log/log-folder.js';

const OPEN = { adminPort: 0 } as const;

async function metricsOf(broker: { readonly adminUrl: string | undefined }): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${broker.adminUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('wsn_'));
  return new Map(lines.map((line) => line.split(' ')).map(([name, value]) => [name as string, Number(value)]));
}

describe('the admin listener', () => {
  test('is off unless it has a port, and then on this machine alone', async () => {
    await using closed = await startTestBroker();
    expect(closed.adminUrl).toBeUndefined();
    expect((await fetch(`http://127.0.0.1:${closed.port}/metrics`)).status).toBe(426);
    await using open = await startTestBroker({ ...OPEN, host: '0.0.0.0' });
    expect(open.adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('listens as the other ports do at an address of IPv6 with or without its brackets', async () => {
    await using broker = await startTestBroker({ host: '[::1]', publishHost: '[::1]', publishPort: 0, adminHost: '[::1]', adminPort: 0 });
    expect([broker.host, broker.url, broker.adminUrl]).toEqual([
      '::1',
      `ws://[::1]:${broker.port}`,
      expect.stringMatching(/^http:\/\/\[::1\]:\d+$/),
    ]);
    expect((await fetch(`${broker.adminUrl}/metrics`)).status).toBe(200);
  });

  test('tells Prometheus what the broker has done', async () => {
    await using broker = await startTestBroker(OPEN);
    await using _ = await subscriber(broker);
    await publish(broker, notice('one'));
    const answer = await fetch(`${broker.adminUrl}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('# TYPE wsn_notifications_published_total counter\nwsn_notifications_published_total 1\n');
    await publish(broker, notice('two'));
    const metrics = await metricsOf(broker);
    expect(metrics.get('wsn_notifications_published_total')).toBe(2);
    expect(metrics.get('wsn_notifications_delivered_total')).toBe(2);
    expect(metrics.get('wsn_connections_opened_total')).toBe(3);
    expect(metrics.get('wsn_topic_subscriptions')).toBe(1);
    expect(metrics.has('wsn_certificate_expiry_timestamp_seconds')).toBe(false);
  });

  test('tells when the certificate in use ends', async () => {
    await using secured = await startSecuredBroker(OPEN);
    const { certificateExpiresAt = 0 } = secured.broker.stats();
    const metrics = await metricsOf(secured.broker);
    expect(metrics.get('wsn_certificate_expiry_timestamp_seconds')).toBe(certificateExpiresAt / 1000);
    expect(certificateExpiresAt).toBeGreaterThan(Date.now());
  });

  test('tells of the process, and no metric that docs/metrics.md does not name', async () => {
    await using folder = await temporaryFolder();
    await using secured = await startSecuredBroker({ ...OPEN, data: folder.path });
    const text = await (await fetch(`${secured.broker.adminUrl}/metrics`)).text();
    expect(text).toContain('process_resident_memory_bytes');
    const named = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(wsn_\w+)` \|/gm)].map(([, name]) => name);
    expect([...(await metricsOf(secured.broker)).keys()]).toEqual(named);
  });

  test('watches the process once, however many brokers there are', async () => {
    await using _ = await startTestBroker(OPEN);
    const observing = vi.spyOn(PerformanceObserver.prototype, 'observe');
    await using another = await startTestBroker(OPEN);
    expect(await (await fetch(`${another.adminUrl}/metrics`)).text()).toContain('nodejs_gc_duration_seconds');
    expect(observing).not.toHaveBeenCalled();
    observing.mockRestore();
  });

  test.each([
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['POST', '/metrics', 405],
    ['POST', '/notify', 404],
    ['GET', '/metrics?x=1', 200],
    ['HEAD', '/metrics', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    await using broker = await startTestBroker(OPEN);
    expect((await fetch(`${broker.adminUrl}${path}`, { method })).status).toBe(status);
  });

  test('ends with the broker, and frees its port', async () => {
    const broker = await startTestBroker(OPEN);
    const { adminUrl = '' } = broker;
    await metricsOf(broker);
    await broker.close();
    await using next = await startTestBroker({ adminPort: Number(new URL(adminUrl).port) });
    expect(next.adminUrl).toBe(adminUrl);
  });

  test('that cannot listen gives the other ports up, and says which it is', async () => {
    await using taken = await startTestBroker();
    const starting = startBroker({ port: 0, host: '127.0.0.1', adminPort: taken.port });
    await expect(starting).rejects.toMatchObject({
      name: 'ListenError',
      place: { option: 'adminPort', port: taken.port },
      code: 'EADDRINUSE',
    });
  });

  test('takes no host without a port', async () => {
    await expect(startTestBroker({ adminHost: '127.0.0.1' })).rejects.toThrow('adminPort is missing');
  });
});
