import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Subscription } from '../../src/protocol/index.js';
import { eventually, startFakeBroker } from '../client/fake-broker.js';
import { startTestBroker } from '../support/broker.js';
import { createClient } from '../support/one-set-client.js';
import { CTRL_C, describeOnTerminal, ENTER, plain } from '../support/pty.js';
import { runWsn } from '../support/wsn.js';

const N = '{ "page":"q","package":"p", "data":[12345678901234567890, 85.0] }';
const ALL: Subscription = { package: 'p', page: 'q' };
/** Where nobody listens: a port that no process of a user may take. */
const NOBODY = 'ws://127.0.0.1:1';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsn-notify-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** A subscriber whose messages are kept as they came. */
async function listen(url: string, subscription = ALL) {
  const texts: string[] = [];
  const client = createClient({ url, WebSocket, onNotification: ({ text }) => texts.push(text) });
  await client.subscribe([subscription]);
  return Object.assign(client, { texts });
}

/** An HTTP server that gives every request, also a handshake, the same answer. */
async function startAnswering(status: number, body = ''): Promise<AsyncDisposable & { readonly url: string; readonly host: string }> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status).end(body);
  });
  server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `ws://${host}`,
    host,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('wsn notify', () => {
  it.each(['ephemeral', 'persistent', 'http'])('relays a file byte for byte and exits 0 (%s, R-2.3)', async (transport) => {
    await using broker = await startTestBroker();
    await using subscriber = await listen(broker.url);
    const path = await file('n.json', `${N}\n`);
    const ended = await runWsn(['notify', '--url', broker.url, '--file', path, '--transport', transport]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const text = await eventually(() => subscriber.texts[0], 'the notification');
    expect(text).toContain(`"notification":${N}`);
  });

  it('speaks the base protocol when ephemeral, prints nothing and takes the close 1000 for the receipt (R-2.10)', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.once('message', () => peer.socket.close(1000)) });
    const ended = await runWsn(['notify'], { env: { WSN_URL: broker.url }, input: N });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(broker.peers[0]).toMatchObject({ offered: [], messages: [`{"sender":"server","notification":${N}}`] });
  });

  it('builds the notification from options', async () => {
    await using broker = await startTestBroker();
    await using subscriber = await listen(broker.url, { package: 'p', page: 'messages', filters: { values: { channel: ['2'] } } });
    const options = ['--package', 'p', '--values', '2', '--data', '{"id":85.0}', '--message', 'reçu'];
    expect(await runWsn(['notify', '--url', broker.url, ...options])).toMatchObject({ code: 0, stderr: '' });
    const text = await eventually(() => subscriber.texts[0], 'the notification');
    expect(text).toContain('"notification":{"package":"p","page":"messages","filters":{"values":"2"},"data":{"id":85.0},"message":"reçu"}');
  });

  it.each(['persistent', 'http'])('prints the receipts in order, one JSON object a line (%s, R-5.7)', async (transport) => {
    await using broker = await startTestBroker();
    await using _ = await listen(broker.url);
    const lines = Array.from({ length: 200 }, (__, index) => JSON.stringify({ ...ALL, data: index }));
    const ended = await runWsn(['notify', '--url', broker.url, '-t', transport], { input: lines.join('\n') });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const receipts = ended.stdout.trimEnd().split('\n');
    const epoch = (JSON.parse(receipts[0] ?? '') as { position: { epoch: string } }).position.epoch;
    expect(receipts).toEqual(
      lines.map((__, index) => JSON.stringify({ position: { epoch, offset: index + 1 }, matched: 1, duplicate: false })),
    );
  });

  it('sends many in their order when ephemeral, too', async () => {
    await using broker = await startTestBroker();
    await using subscriber = await listen(broker.url);
    const lines = Array.from({ length: 20 }, (_, index) => JSON.stringify({ ...ALL, data: index }));
    expect(await runWsn(['notify', '--url', broker.url, '--file', '-'], { input: lines.join('\n') })).toMatchObject({ code: 0 });
    await eventually(() => subscriber.texts.length === 20, 'all notifications');
    expect(subscriber.texts.map((text) => (JSON.parse(text) as { notification: { data: number } }).notification.data)).toEqual(
      lines.map((_, index) => index),
    );
  });

  it('says that a key in a message means nothing where the transport has none (R-2.1)', async () => {
    await using broker = await startTestBroker();
    const input = `{"sender":"server","key":"order-17","notification":${N}}`;
    const ended = await runWsn(['notify', '--url', broker.url], { input });
    const stderr = 'the keys in the messages mean nothing with the ephemeral transport: --transport persistent or http sends them\n';
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr });
    expect(broker.stats().published).toBe(1);
  });

  it('passes the key of a whole message on, where the transport has receipts (R-5.8)', async () => {
    await using broker = await startFakeBroker({
      onPeer: (peer) =>
        peer.socket.once('message', (data) => {
          const { id } = JSON.parse(String(data)) as { id: string };
          peer.say({ sender: 'server', id, receipt: { position: { epoch: 'k', offset: 1 }, matched: 0, duplicate: true } });
        }),
    });
    const input = `{"sender":"server","key":"order-17","notification":${N}}`;
    const ended = await runWsn(['notify', '--url', broker.url, '-t', 'persistent'], { input });
    expect(ended).toMatchObject({ code: 0, stdout: '{"position":{"epoch":"k","offset":1},"matched":0,"duplicate":true}\n' });
    expect(JSON.parse(broker.peers[0]?.messages[0] ?? '')).toMatchObject({ key: 'order-17' });
  });
});

describe('wsn notify --expect-matched', () => {
  it.each(['persistent', 'http'])('is content with enough subscribers and fails with fewer (%s)', async (transport) => {
    await using broker = await startTestBroker();
    await using _ = await listen(broker.url);
    const run = (count: string) => runWsn(['notify', '--url', broker.url, '-t', transport, '--expect-matched', count], { input: N });
    expect(await run('1')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('2')).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/^\{"position":.*"matched":1.*\}\n$/),
      stderr: 'wsn: the notification went to 1 subscriber, expected at least 2\n',
    });
  });

  it('publishes all the same when some of many go to too few', async () => {
    await using broker = await startTestBroker();
    await using subscriber = await listen(broker.url);
    const others = '{"package":"p","page":"other"}';
    const path = await file('mixed.ndjson', [N, others, others, N].join('\n'));
    const ended = await runWsn(['notify', '--url', broker.url, '--file', path, '-t', 'persistent', '--expect-matched', '1']);
    expect(ended).toMatchObject({
      code: 4,
      stderr: `wsn: notification 2 of 4 (${path}:2) went to 0 subscribers, expected at least 1 (and 1 more of them to too few)\n`,
    });
    await eventually(() => subscriber.texts.length === 2, 'the last notification');
  });
});

describe('wsn notify refuses with exit 2, and sends nothing', () => {
  it.each([
    ['stdin that is empty', [], '', 'stdin is empty: expected a notification in JSON'],
    ['what is not JSON', [], '{"package":"p",\n"page":q}', 'stdin:2:8: not JSON: expected a value'],
    ['what is no notification', [], '{"package":"p"}', 'stdin: /page: expected a non-empty string, found nothing'],
    ['one bad line of many', [], `${N}\n${N}\n{"package":"p"}\n`, 'stdin:3: /page: expected a non-empty string, found nothing'],
    ['an empty list', [], '{"notifications":[]}', 'stdin: /notifications: expected at least one notification, found none'],
    ['text that is not UTF-8', [], Buffer.from([0x7b, 0xff]), 'stdin is not UTF-8 text: JSON is always UTF-8'],
    ['a file that is not there', ['--file', 'no\u001bwhere.json'], '', 'cannot read no\\u001bwhere.json: there is no such file'],
    ['options without a package', ['--message', 'x'], '', '--package is missing: a notification belongs to a package and a page'],
    ['bad data', ['--package', 'p', '--data', '{a}'], '', '--data:1:2: not JSON: expected a name in double quotes'],
    [
      'a file and options',
      ['--file', 'n.json', '--message', 'x'],
      '',
      '--file and --message exclude each other: a file says everything about a notification',
    ],
    [
      'an expectation without a receipt',
      ['--package', 'p', '--expect-matched', '1'],
      '',
      '--expect-matched needs a receipt, which the ephemeral transport has not: add --transport persistent or http',
    ],
    [
      'another transport',
      ['-t', 'pigeon'],
      N,
      "option '-t, --transport <transport>' argument 'pigeon' is invalid. Allowed choices are ephemeral, persistent, http.",
    ],
  ])('%s', async (_, options, input, message) => {
    await using broker = await startTestBroker();
    const ended = await runWsn(['notify', '--url', broker.url, ...options], { input });
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: `wsn: ${message}\n` });
    expect(broker.stats().published).toBe(0);
  });
});

describe('wsn notify says in one line', () => {
  it.each([
    ['ephemeral', `cannot reach ${NOBODY}: nobody listens there; is "wsn serve" running?`],
    ['persistent', `cannot reach ${NOBODY}: nobody listens there; is "wsn serve" running?`],
    ['http', 'cannot reach http://127.0.0.1:1/notify: nobody listens there; is "wsn serve" running?'],
  ])('that nobody is there, exit 3 (%s)', async (transport, message) => {
    const ended = await runWsn(['notify', '--url', NOBODY, '-t', transport], { input: N });
    expect(ended).toMatchObject({ code: 3, stdout: '', stderr: `wsn: ${message}\n` });
  });

  it.each(['ephemeral', 'persistent', 'http'])('what is wrong, but not the password in the URL (%s)', async (transport) => {
    const ended = await runWsn(['notify', '--url', 'ws://user:secret@127.0.0.1:1', '-t', transport], { input: N });
    expect(ended).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^wsn: cannot reach (ws|http):\/\/127\.0\.0\.1:1[:/]/),
    });
    expect(ended.stderr).not.toContain('secret');
  });

  it.each([
    ['ephemeral', 4403, 4, 'refused (4403 forbidden): not from \\u001b[31mhere'],
    ['ephemeral', 4400, 4, 'refused (4400 invalid-message): not from \\u001b[31mhere'],
    ['persistent', 1009, 4, 'refused (1009 too-big): not from \\u001b[31mhere'],
    ['ephemeral', 4429, 4, 'refused (4429 too-many): not from \\u001b[31mhere'],
    ['ephemeral', 1013, 3, 'ended the connection (1013 overloaded): not from \\u001b[31mhere; the notification was not published'],
    [
      'persistent',
      1013,
      3,
      'ended the connection (1013 overloaded): not from \\u001b[31mhere; the notification may or may not have been published',
    ],
    [
      'persistent',
      1001,
      3,
      'ended the connection (1001 going-away): not from \\u001b[31mhere; the notification may or may not have been published',
    ],
  ])('how the broker closed instead of a receipt (%s, %i, exit %i)', async (transport, code, exit, message) => {
    await using broker = await startFakeBroker({
      onPeer: (peer) => peer.socket.once('message', () => peer.socket.close(code, 'not from \u001b[31mhere')),
    });
    const ended = await runWsn(['notify', '--url', broker.url, '-t', transport], { input: N });
    expect(ended).toMatchObject({ code: exit, stdout: '', stderr: `wsn: ${broker.url} ${message}\n` });
  });

  it('why the broker refused one of many, and what became of the others (R-5.9)', async () => {
    await using broker = await startFakeBroker({
      onPeer: (peer) =>
        peer.socket.on('message', (data) => {
          const { id, notification } = JSON.parse(String(data)) as { id: string; notification: { data: number } };
          const receipt = { position: { epoch: 'k', offset: 1 }, matched: 0, duplicate: false };
          const error = { code: 'forbidden', path: '/notification', message: 'no', retry: false };
          peer.say({ sender: 'server', id, ...(notification.data === 3 ? { error } : { receipt }) });
        }),
    });
    const lines = Array.from({ length: 5 }, (_, index) => JSON.stringify({ ...ALL, data: index }));
    const ended = await runWsn(['notify', '--url', broker.url, '-t', 'persistent'], { input: lines.join('\n') });
    const message = `notification 4 of 5 (stdin:4): ${broker.url} refused (forbidden): /notification: no`;
    expect(ended).toMatchObject({ code: 4, stderr: `wsn: ${message}; published: 3 before it, up to 1 behind it\n` });
    expect(ended.stdout.split('\n')).toHaveLength(4);
  });

  it('that a base broker has no receipts, and publishes nothing there (R-5.1)', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    const ended = await runWsn(['notify', '--url', broker.url, '-t', 'persistent'], { input: N });
    const message = `${broker.url} does not speak wsn.v1, which has the receipts: use --transport ephemeral`;
    expect(ended).toMatchObject({ code: 4, stdout: '', stderr: `wsn: ${message}\n` });
    expect(broker.peers.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it.each([
    ['http', 403, '{"detail":"not from here"}', 4, 'refused with HTTP 403: not from here'],
    ['http', 413, 'oops', 4, 'refused with HTTP 413: Payload Too Large'],
    ['http', 503, '{"detail":"the broker is shutting down"}', 3, 'could not do it with HTTP 503: the broker is shutting down'],
    ['http', 429, '', 3, 'could not do it with HTTP 429: Too Many Requests'],
    ['http', 404, '', 4, 'answered with HTTP 404, Not Found: is that the address of a wsn broker?'],
    ['http', 200, 'ok', 3, 'answered with HTTP 200, without a receipt: is that the address of a wsn broker?'],
    ['ephemeral', 403, '', 4, 'refused with HTTP 403: it did not become a WebSocket'],
    ['ephemeral', 404, '', 4, 'answered with HTTP 404, it did not become a WebSocket: is that the address of a wsn broker?'],
    ['persistent', 429, '', 3, 'could not do it with HTTP 429: it did not become a WebSocket'],
    ['persistent', 302, '', 3, 'answered with HTTP 302, it did not become a WebSocket: is that the address of a wsn broker?'],
    ['persistent', 503, '', 3, 'could not do it with HTTP 503: it did not become a WebSocket'],
  ])('which HTTP answer came instead (%s, %i)', async (transport, status, body, exit, message) => {
    await using server = await startAnswering(status, body);
    const ended = await runWsn(['notify', '--url', server.url, '-t', transport], { input: N });
    const url = transport === 'http' ? `http://${server.host}/notify` : server.url;
    expect(ended).toMatchObject({ code: exit, stdout: '', stderr: `wsn: ${url} ${message}\n` });
  });

  it.each(['ephemeral', 'persistent'])('that no answer came in time, exit 8 (%s)', async (transport) => {
    await using broker = await startFakeBroker();
    const ended = await runWsn(['notify', '--url', broker.url, '-t', transport, '--timeout', '500ms'], { input: N });
    const message = `no answer from ${broker.url} within 500ms; the notification may or may not have been published`;
    expect(ended).toMatchObject({ code: 8, stdout: '', stderr: `wsn: ${message}\n` });
  });

  it('that no answer came in time over HTTP, exit 8', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ended = await runWsn(['notify', '--url', url, '-t', 'http', '--timeout', '500ms'], { input: N });
    const message = `no answer from ${url.replace('ws', 'http')}/notify within 500ms; the notification may or may not have been published`;
    expect(ended).toMatchObject({ code: 8, stdout: '', stderr: `wsn: ${message}\n` });
    server.closeAllConnections();
    server.close();
  });
});

describeOnTerminal('wsn notify on a terminal', (spawnOnTerminal) => {
  it('asks what to publish, and tells the receipt in words', async () => {
    await using broker = await startTestBroker();
    await using subscriber = await listen(broker.url, { package: 'amaiia_msg_srv', page: 'messages' });
    await using running = spawnOnTerminal(['notify', '--url', broker.url, '-t', 'persistent']);
    const answers: readonly [RegExp, string][] = [
      [/Package:/, 'amaiia_msg_srv'],
      [/Page:/, ''],
      [/Values to filter by/, '2'],
      [/Data, in JSON/, '{"a":85.0}'],
      [/Message \(empty: none\)/, 'Hello'],
    ];
    for (const [question, answer] of answers) {
      await running.waitFor(question);
      running.stdin.write(`${answer}${ENTER}`);
    }
    const { code, stdout } = await running.exit;
    expect(code).toBe(0);
    expect(plain(stdout)).toMatch(/went to 1 subscriber, number 1 of its topic\r\n/);
    const text = await eventually(() => subscriber.texts[0], 'the notification');
    expect(text).toContain('{"package":"amaiia_msg_srv","page":"messages","filters":{"values":"2"},"data":{"a":85.0},"message":"Hello"}');
  });

  it('is left with Ctrl-C, exit 130, and publishes nothing', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['notify', '--url', broker.url]);
    await running.waitFor(/Package:/);
    running.stdin.write(CTRL_C);
    expect(await running.exit).toMatchObject({ code: 130 });
    expect(broker.stats().published).toBe(0);
  });

  it('does not ask with --no-input', async () => {
    await using running = spawnOnTerminal(['notify', '--no-input']);
    const { code, stdout } = await running.exit;
    expect(code).toBe(2);
    expect(plain(stdout)).toBe('wsn: what to publish is missing: give --file, or --package and what else belongs to the notification\r\n');
  });

  it('says how far it is with many', async () => {
    await using broker = await startTestBroker();
    const lines = Array.from({ length: 30 }, (_, index) => JSON.stringify({ ...ALL, data: index }));
    const path = await file('many.ndjson', lines.join('\n'));
    await using running = spawnOnTerminal(['notify', '--url', broker.url, '--file', path]);
    const { code, stdout } = await running.exit;
    expect(code).toBe(0);
    expect(plain(stdout)).toMatch(/1 of 30 published.*\rpublished 30 notifications\r\n$/s);
  });
});
