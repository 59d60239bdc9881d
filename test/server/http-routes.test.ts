import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';

describe('the routes beside /notify', () => {
  it.each(['/healthz', '/readyz'])('%s answers GET and HEAD with 200 (R-6.4)', async (path) => {
    await using broker = await startTestBroker();
    const get = await askHttp(broker, { method: 'GET', path });
    expect(get).toMatchObject({ status: 200, json: { status: 'ok' }, headers: { 'content-type': 'application/json' } });
    const head = await askHttp(broker, { method: 'HEAD', path });
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': get.headers['content-length'] } });
    expect((await askHttp(broker, { method: 'GET', path: `${path}?x` })).status).toBe(200);
  });

  it.each(['/healthz', '/readyz'])('%s answers another method with 405 (R-6.4)', async (path) => {
    await using broker = await startTestBroker();
    expect(await askHttp(broker, { method: 'POST', path })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it.each(['/', '/chat', '/Notify', '/notify/', '/healthz/', '//notify'])('a plain GET of %s is told to upgrade (R-4.6)', async (path) => {
    await using broker = await startTestBroker();
    const { status, headers, json } = await askHttp(broker, { method: 'GET', path });
    expect(status).toBe(426);
    expect(headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-version': '13', 'content-type': 'application/problem+json' });
    expect(json).toMatchObject({ status: 426, title: 'Upgrade Required' });
  });

  it.each(['/', '/publish', '/notify/'])('a POST to %s finds nothing there, and is told where to publish (R-6.1)', async (path) => {
    await using broker = await startTestBroker();
    const { status, json } = await askHttp(broker, { path, body: '{}' });
    expect(status).toBe(404);
    expect(json?.detail).toContain('POST /notify');
  });

  it.each(['/', '/notify', '/healthz'])('no answer at %s lets a page of another origin read it (R-6.1)', async (path) => {
    await using broker = await startTestBroker();
    const { headers } = await askHttp(broker, { method: 'GET', path, headers: { Origin: 'https://example.org' } });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
