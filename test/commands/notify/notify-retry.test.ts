import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, startFakeBroker } from '../../client/fake-broker.js';
import { startStalledLine } from '../../client/stalled-line.js';
import { startTestBroker } from '../../support/broker.js';
import { createClient } from '../../support/one-set-client.js';
import { type RunningWsn, runWsn, spawnWsn } from '../../support/wsn.js';

const N = '{"package":"p","page":"q"}';
const RECEIPT = { position: { epoch: 'k', offset: 1 }, matched: 0, duplicate: false };

const lines = (count: number) => Array.from({ length: count }, (_, data) => JSON.stringify({ package: 'p', page: 'q', data })).join('\n');

function offsetsOf(stdout: string): number[] {
  const receipts = stdout.trimEnd().split('\n');
  return receipts.map((line) => (JSON.parse(line) as { position: { offset: number } }).position.offset);
}

/** Starts a broker with a log in `folder`, on this port. */
async function serve(folder: string, port = 0): Promise<RunningWsn & { readonly port: number }> {
  const running = spawnWsn(['serve', '--host', '127.0.0.1', '--port', `${port}`, '--data', folder]);
  const [, found] = await running.waitFor(/"url":"ws:\/\/127\.0\.0\.1:(\d+)"/);
  return Object.assign(running, { port: Number(found) });
}

/** Answers requests one after another with these statuses and headers, and then with receipts; keeps the bodies. */
async function startAnswering(...given: readonly (readonly [number, Record<string, string>])[]) {
  const left = [...given];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    bodies.push(body);
    const [status, headers] = left.shift() ?? [200, {}];
    if (status === 0) request.socket.destroy();
    else response.writeHead(status, headers).end(status === 200 ? JSON.stringify({ receipt: RECEIPT }) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('wsn notify --retry', () => {
  it.each(['persistent', 'http'])(
    'publishes each once and in order although the broker is killed and started again (%s, R-5.8)',
    async (transport) => {
      const folder = await mkdtemp(join(tmpdir(), 'wsn-retry-'));
      try {
        await using first = await serve(folder);
        // It is killed while some are in the log whose receipts are still on their way.
        await using line = await startStalledLine(first.port);
        line.stallAfter(20_000);
        await using running = spawnWsn(['notify', '--url', line.url, '-t', transport, '--retry', '--file', '-', '--timeout', '18s']);
        running.stdin.end(lines(1000));
        await running.waitFor(/"offset":40\b/);
        first.kill('SIGKILL');
        await first.exit;
        await using _ = await serve(folder, first.port);
        line.drop();
        const { code, stdout, stderr } = await running.exit;
        expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/rying again in/) });
        expect(offsetsOf(stdout)).toEqual(Array.from({ length: 1000 }, (__, index) => index + 1));
        const data: unknown[] = [];
        const url = `ws://127.0.0.1:${first.port}`;
        await using client = createClient({ url, WebSocket, onNotification: ({ notification }) => data.push(notification.data) });
        const topics = await client.subscribe([{ package: 'p', page: 'q', rewind: 1000 }]);
        expect(topics).toMatchObject([{ offset: 1000, rewound: 1000, complete: true }]);
        await eventually(() => data.length === 1000, 'all of it');
        expect(data).toEqual(Array.from({ length: 1000 }, (__, index) => index));
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it.each(['persistent', 'http'])('waits for a broker that is not there yet (%s)', async (transport) => {
    const before = await startTestBroker();
    await before.close();
    await using running = spawnWsn(['notify', '--url', before.url, '-t', transport, '--retry', '--file', '-', '--timeout', '18s']);
    running.stdin.end(N);
    await running.waitFor(/^cannot reach \S+: nobody listens there; is "wsn serve" running\? Trying again in \d\.\d s$/m, 'stderr');
    await using broker = await startTestBroker({ port: before.port });
    expect(await running.exit).toMatchObject({ code: 0, stdout: expect.stringContaining('"offset":1') });
    expect(broker.stats().published).toBe(1);
  });

  it('sends the same with the same key again after 503, 429 (and as late as it says) and a cut line (R-6.3)', async () => {
    await using server = await startAnswering([503, {}], [429, { 'Retry-After': '1' }], [0, {}]);
    const ended = await runWsn(['notify', '--url', server.url, '-t', 'http', '--retry'], { input: N });
    expect(ended).toMatchObject({ code: 0, stdout: `${JSON.stringify(RECEIPT)}\n` });
    expect(ended.stderr).toMatch(/ 503: .*\n.* 429: Too Many Requests; trying again in [12]\.\d s\n.*rying again/);
    expect(server.bodies).toHaveLength(4);
    expect(new Set(server.bodies).size).toBe(1);
    expect(server.bodies[0]).toMatch(/^\{"sender":"server","key":"[0-9a-f-]{36}","notification":/);
  });

  it('goes on after closes and refusals that may get better, and says why it waits (R-4.1, R-5.9)', async () => {
    await using broker = await startFakeBroker({
      onPeer: (peer, index) =>
        peer.socket.on('message', (data) => {
          const { id } = JSON.parse(String(data)) as { id: string };
          if (index === 0) peer.socket.close(1013, 'no \u001b[2Jroom');
          else if (peer.messages.length === 1) {
            peer.say({ sender: 'server', id, error: { code: 'unavailable', message: 'the log is full', retry: true } });
          } else peer.say({ sender: 'server', id, receipt: { ...RECEIPT, duplicate: true } });
        }),
    });
    const ended = await runWsn(['notify', '--url', broker.url, '-t', 'persistent', '--retry', '--key', 'order-17'], { input: N });
    expect(ended).toMatchObject({ code: 0, stdout: `${JSON.stringify({ ...RECEIPT, duplicate: true })}\n` });
    expect(ended.stderr).toMatch(
      /^the connection to \S+ is gone: closed with 1013 overloaded: no \\u001b\[2Jroom; trying again in \d\.\d s\n\S+ could not do it \(unavailable\): the log is full; trying again within 10 s\n$/,
    );
    const keys = broker.peers.flatMap(({ messages }) => messages).map((message) => (JSON.parse(message) as { key: string }).key);
    expect(keys).toEqual(['order-17', 'order-17', 'order-17']);
  });

  it.each([
    ['persistent', 403, 4],
    ['http', 422, 4],
  ])('ends at an answer that does not get better (%s, HTTP %i, exit %i)', async (transport, status, code) => {
    const server = createServer((_, response) => void response.writeHead(status).end());
    server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ended = await runWsn(['notify', '--url', url, '-t', transport, '--retry'], { input: N });
    server.close();
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(/^wsn: .*\n$/) });
  });

  it('ends at a broker that has no keys, and publishes nothing there (R-5.1)', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const ended = await runWsn(['notify', '--url', broker.url, '-t', 'persistent', '--retry'], { input: N });
    const message = `${broker.url} does not speak wsn.v1, which has the receipts: nothing is tried again there`;
    expect(ended).toMatchObject({ code: 4, stdout: '', stderr: `wsn: ${message}\n` });
    expect(broker.peers.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it('gives up at its timeout, and says what is certain', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.once('message', () => peer.socket.terminate()) });
    const ended = await runWsn(['notify', '--url', broker.url, '-t', 'persistent', '--retry', '--timeout', '1s'], { input: N });
    expect(ended).toMatchObject({ code: 8, stdout: '' });
    expect(ended.stderr).toMatch(/\nwsn: no answer from \S+ within 1s; the notification may or may not have been published\n$/);
  });

  it.each([
    [['--retry'], '--retry needs receipts and keys'],
    [['--key', 'k'], '--key needs receipts and keys'],
  ])('is refused where there is neither receipt nor key (%j)', async (options, message) => {
    const ended = await runWsn(['notify', '--package', 'p', ...options]);
    const stderr = `wsn: ${message}, which the ephemeral transport has not: add --transport persistent or http\n`;
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr });
  });

  it('counts a key that was used before as published', async () => {
    await using broker = await startTestBroker();
    const options = ['notify', '--url', broker.url, '-t', 'http', '--key', 'order-17'];
    for (const duplicate of [false, true]) {
      const { code, stdout } = await runWsn(options, { input: N });
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { duplicate }]);
    }
    const { code, stderr } = await runWsn([...options, '--expect-matched', '1'], { input: N });
    const sentence = 'the notification was published before, to how many subscribers is not known, expected at least 1';
    expect([code, stderr]).toEqual([4, `wsn: ${sentence}\n`]);
    await eventually(() => broker.stats().published === 1, 'one notification');
  });
});
