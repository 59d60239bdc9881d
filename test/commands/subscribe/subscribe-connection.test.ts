import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../../support/broker.js';
import { startCutLine } from '../../support/cut-line.js';
import { runWsn } from '../../support/wsn.js';
import { messageFor, publish } from '../publish.js';
import { refusingBroker, webServer } from './other-servers.js';
import { CHANNELS, messageIds, subscribe } from './subscribing.js';

describe('wsn subscribe and its connection', () => {
  it.each([
    [403, 4, 'refused with HTTP 403: it did not become a WebSocket'],
    [404, 4, 'answered with HTTP 404, it did not become a WebSocket: is that the address of a wsn broker?'],
    [200, 3, 'answered with HTTP 200, it did not become a WebSocket: is that the address of a wsn broker?'],
  ])('ends at the first answer when that is HTTP %d, with %d (R-4.6)', async (status, code, sentence) => {
    await using server = await webServer(status);
    await expect(runWsn(['subscribe', '--url', server.url, ...CHANNELS])).resolves.toMatchObject({
      code,
      stdout: '',
      stderr: `wsn: ${server.url} ${sentence}\n`,
    });
  });

  it('tries again after an answer that may be better later (R-4.6)', async () => {
    await using server = await webServer(503);
    const { code, stderr } = await runWsn(['subscribe', '--url', server.url, ...CHANNELS, '--timeout', '1s']);
    expect(code).toBe(8);
    expect(stderr).toMatch(/^\S+ could not do it with HTTP 503: it did not become a WebSocket; trying again in \d\.\d s\n/);
  });

  it('ends with 4 when the broker stops it, and tells code and reason (R-4.1)', async () => {
    await using broker = await refusingBroker(4403, 'no\u001b[2J entry');
    const { code, stderr } = await runWsn(['subscribe', '--url', broker.url, ...CHANNELS]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/wsn: the broker has ended the subscription: closed with 4403 forbidden: no\\u001b\[2J entry\n$/);
  });

  it('ends with 3 when the line breaks and it is not to connect again', async () => {
    const broker = await startTestBroker();
    await using running = subscribe(broker.url, ...CHANNELS, '--no-reconnect');
    await running.waitFor(/subscribed/, 'stderr');
    broker.terminate();
    const { code, stderr } = await running.exit;
    expect(code).toBe(3);
    expect(stderr).toMatch(/wsn: the connection to ws:\S+ is gone: the line broke\n$/);
  });

  it('connects again by itself and subscribes again', async () => {
    const first = await startTestBroker({ reconnectJitterMs: 0 });
    await using running = subscribe(first.url, ...CHANNELS, '--count', '1');
    await running.waitFor(/subscribed/, 'stderr');
    await first.close();
    await running.waitFor(/the connection to \S+ is gone: closed with 1001 going-away.*trying again in/, 'stderr');
    await using second = await startTestBroker({ port: first.port });
    // Another broker does not know what the first one has delivered; it says so when the set is in force.
    await running.waitFor(/^connected again; notifications may have been missed in amaiia_msg_srv\/messages$/m, 'stderr');
    await publish(second.url, messageFor('2', 'later'));
    const { code, stdout } = await running.exit;
    expect([code, messageIds(stdout)]).toEqual([0, ['later']]);
  });

  it('says how many notifications it has recovered when only the line was gone (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    await using running = subscribe(line.url, ...CHANNELS, '--count', '4');
    await running.waitFor(/subscribed/, 'stderr');
    await publish(broker.url, messageFor('2', 'before'));
    await running.waitFor(/before/);
    line.cut();
    for (const id of ['one', 'two', 'three']) await publish(broker.url, messageFor('2', id));
    line.mend();
    const { code, stdout, stderr } = await running.exit;
    expect([code, messageIds(stdout)]).toEqual([0, ['before', 'one', 'two', 'three']]);
    expect(stderr).toMatch(/^connected again, 3 recovered$/m);
  });

  it('says that nothing was missed when nothing was published meanwhile (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    await using running = subscribe(line.url, ...CHANNELS);
    await running.waitFor(/subscribed/, 'stderr');
    line.cut();
    line.mend();
    await running.waitFor(/^connected again, nothing was missed$/m, 'stderr');
  });

  it('with a broker of the base protocol says after each reconnection that something may be missing', async () => {
    await using broker = await refusingBroker(1012, '');
    await using running = subscribe(broker.url, ...CHANNELS, '--package', 'p\u001b');
    await running.waitFor(/^connected again; notifications may have been missed in p\\u001b\/messages$/m, 'stderr');
  });

  it('never shows the password of the URL', async () => {
    await using broker = await startTestBroker();
    const url = broker.url.replace('//', '//name:secret@');
    await using running = subscribe(url, ...CHANNELS, '--count', '1');
    await running.waitFor(/^subscribed to .* on ws:\/\/127\.0\.0\.1:\d+$/m, 'stderr');
    broker.terminate();
    await running.waitFor(/cannot reach ws:/, 'stderr');
    running.kill('SIGINT');
    const { stdout, stderr } = await running.exit;
    expect(stdout + stderr).not.toContain('secret');
  });
});
