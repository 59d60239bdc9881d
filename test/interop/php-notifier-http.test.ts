import { expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { describeWithPhp } from '../support/php.js';
import { httpServer, listen, nobody, problem, receipt } from '../support/php-hostile.js';
import { CALL, callNotifier, runNotifier } from '../support/php-notifier.js';

const UNCERTAIN = 'the notification may have been published, or not';

/** PHP that has this process do something, and goes on when it is done. */
const pause = (port: number) => `($notifier && file_get_contents('http://127.0.0.1:${port}') === '' ? null : null)`;

/** Something that PHP waits for: it runs `work` each time. */
const gate = (work: () => unknown) => httpServer((response) => void Promise.resolve(work()).then(() => response.end()));

const RECEIPT = { position: { epoch: 'e', offset: 1 }, matched: 0, duplicate: false };

describeWithPhp(
  'a Notifier in PHP with HTTP, on the line',
  (php) => {
    it('posts JSON with a key of its own for each notification, without asking for leave first (R-6.2)', async () => {
      await using server = await httpServer((response) => receipt(response));
      const calls = [CALL, CALL, '$notifier->notifyJson(\'{ "package":"p","page":"q" }\', \'order-17 é\')'];
      const outcomes = await runNotifier(php, { url: server.url, calls });
      expect(outcomes).toEqual(calls.map(() => ({ receipt: RECEIPT })));
      const { headers, body, url } = server.posted[0] ?? {};
      expect([url, body]).toEqual(['/notify', '{"package":"p","page":"q"}']);
      expect(headers).toMatchObject({ 'content-type': 'application/json', host: `127.0.0.1:${server.port}` });
      const keys = server.posted.map((posted) => Buffer.from(String(posted.headers['idempotency-key']), 'latin1').toString());
      expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/), 'order-17 é']);
      expect(keys[0]).not.toBe(keys[1]);
      expect(server.posted[2]?.body).toBe('{ "package":"p","page":"q" }');
    });

    it.each(['/', '/wsn', '/wsn/', '/notify', '/notify/'])('finds /notify below the path %s', async (path) => {
      await using server = await httpServer((response) => receipt(response));
      await callNotifier(php, { url: `${server.url}${path}` });
      expect(server.posted[0]?.url).toBe(path.startsWith('/wsn') ? '/wsn/notify' : '/notify');
    });

    it('keeps one connection for many notifications, refused ones and long ones too', async () => {
      await using server = await httpServer((response, index) => (index === 5 ? problem(response, 400) : receipt(response)));
      const long = "$notifier->notify(['package' => 'p', 'page' => 'q', 'long' => str_repeat('x', 2000000)])";
      const outcomes = await runNotifier(php, { url: server.url, calls: [...Array.from({ length: 20 }, () => CALL), long] });
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(
        Array.from({ length: 21 }, (_, index) => (index === 5 ? 'refused' : undefined)),
      );
      expect([server.posted.length, server.connections]).toEqual([21, 1]);
      expect(server.posted[20]?.headers.expect).toBeUndefined();
    });

    it('takes a new connection when the broker has closed the one that idled', async () => {
      await using server = await httpServer((response) => receipt(response));
      await using close = await gate(() => server.posted[0]?.socket.destroy());
      await runNotifier(php, { url: server.url, calls: [CALL, pause(close.port), CALL, CALL] });
      expect([server.posted.length, server.connections]).toEqual([3, 2]);
    });

    it('takes a new connection when the broker was restarted', async () => {
      let broker = await startTestBroker();
      const { port } = broker;
      const url = `http://127.0.0.1:${port}`;
      await using restart = await gate(async () => {
        await broker[Symbol.asyncDispose]();
        broker = await startTestBroker({ port });
      });
      try {
        const outcomes = await runNotifier(php, { url, calls: [CALL, pause(restart.port), CALL] });
        expect(outcomes[0]?.receipt?.position.offset).toBe(1);
        expect(outcomes[2]?.receipt?.position.offset).toBe(1);
        expect(outcomes[2]?.receipt?.position.epoch).not.toBe(outcomes[0]?.receipt?.position.epoch);
      } finally {
        await broker[Symbol.asyncDispose]();
      }
    });

    it('has a key also without retries, for cURL itself sends again what a kept connection has swallowed', async () => {
      await using server = await httpServer((response, index) => {
        if (index === 1) response.socket?.destroy();
        else receipt(response);
      });
      expect(await runNotifier(php, { url: server.url, calls: [CALL, CALL] })).toEqual([{ receipt: RECEIPT }, { receipt: RECEIPT }]);
      const [, second, again] = server.posted.map(({ headers }) => headers['idempotency-key']);
      expect(server.posted).toHaveLength(3);
      expect(second).toMatch(/^[0-9a-f]{32}$/);
      expect(again).toBe(second);
    });

    it.each([
      [400, 'refused', 'at /page: expected a string', '; nothing was published', null],
      [401, 'refused', 'expected X-Api-Key', /give a key or a token that the broker knows.*nothing was published/, null],
      [403, 'refused', 'no grant covers this', /nothing was published/, null],
      [404, 'refused', 'nothing is here', /is that the address of a broker\?.*nothing was published/, null],
      [413, 'refused', 'expected at most 5 bytes', /nothing was published/, null],
      [422, 'refused', 'the key was used for another', /nothing was published/, null],
      [429, 'not sent', 'too many', /try again in 3 s; nothing was sent/, 3],
      [503, 'not sent', 'the log cannot be written', /try again in 3 s; nothing was sent/, 3],
      [500, 'uncertain', 'our fault', UNCERTAIN, null],
      [502, 'uncertain', '', UNCERTAIN, null],
      [504, 'uncertain', '\u001b[2J\u0007', UNCERTAIN, null],
    ] as const)('tells what HTTP %i means: %s', async (code, outcome, detail, said, retryAfter) => {
      await using server = await httpServer((response) => problem(response, code, { detail, retryAfter: retryAfter === null ? '' : '3' }));
      const found = await callNotifier(php, { url: server.url });
      expect(found).toMatchObject({ outcome, code, retryAfter, message: expect.stringMatching(said) });
      const readable = detail.startsWith('\u001b') ? ':  [2J ' : detail && `: ${detail}`;
      expect(found.message).toContain(`… answered with HTTP ${code}${readable}`);
      expect(server.posted).toHaveLength(1);
    });

    it('does not follow a redirect, which would take its key elsewhere', async () => {
      await using other = await httpServer((response) => receipt(response));
      await using server = await httpServer((response) => void response.writeHead(307, { Location: `${other.url}/notify` }).end());
      expect(await callNotifier(php, { url: server.url })).toMatchObject({ outcome: 'refused', code: 307 });
      expect(other.connections).toBe(0);
    });

    it.each([
      ['HTML', 'text/html', '<h1>It works!</h1>'],
      ['another JSON', 'application/json', '{"ok":true}'],
      ['a text of JSON', 'application/json', '"receipt"'],
      ['nothing', 'application/json', ''],
    ])('does not take %s for a receipt', async (_, type, body) => {
      await using server = await httpServer((response) => void response.writeHead(200, { 'Content-Type': type }).end(body));
      expect(await callNotifier(php, { url: server.url })).toMatchObject({
        outcome: 'uncertain',
        code: 200,
        message: `… answered with HTTP 200; ${UNCERTAIN}`,
      });
    });

    it('goes past the proxy of the environment', async () => {
      await using server = await httpServer((response) => receipt(response));
      await using proxy = await httpServer((response) => problem(response, 500));
      const env = { http_proxy: proxy.url, HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url };
      expect(await callNotifier(php, { url: server.url, env })).toEqual({ receipt: RECEIPT });
    });

    it('says that nothing was sent when nobody listens', async () => {
      const found = await callNotifier(php, { url: `http://127.0.0.1:${await nobody()}` });
      expect(found).toMatchObject({ outcome: 'not sent', code: 0, retryAfter: null });
      expect(found.message).toMatch(/^cannot connect to …: .*; is the broker running there\?; nothing was sent$/);
    });

    it('says that nothing was sent when nobody answers the handshake of TLS in time', async () => {
      await using server = await listen(() => {});
      const url = `https://127.0.0.1:${server.port}`;
      const message = expect.stringMatching(/^cannot connect to …: no connection within \S+ s; nothing was sent$/);
      expect(await callNotifier(php, { url, options: "['timeout' => 0.3, 'retries' => 0]" })).toMatchObject({
        outcome: 'not sent',
        message,
      });
    });

    it.each([
      ['is silent', undefined],
      ['hangs up', ''],
      ['stops within the head', 'HTTP/1.1 20'],
      ['stops within the receipt', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"receipt":{"po'],
      ['stops within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"rec'],
      ['does not speak HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
      ['goes on for ever', `HTTP/1.1 200 OK\r\n\r\n${' '.repeat(200_000)}`],
    ])('says that it may have been published when the broker %s', async (_, said) => {
      await using server = await listen((socket) => {
        socket.once('data', () => {
          if (said !== undefined) socket.end(said);
        });
      });
      const found = await callNotifier(php, { url: `http://127.0.0.1:${server.port}`, options: "['timeout' => 1, 'retries' => 0]" });
      expect(found).toMatchObject({ outcome: 'uncertain', code: 0, retryAfter: null });
      expect(found.message).toMatch(new RegExp(`^no answer from …: .*; ${UNCERTAIN}$`));
    });

    it('says so too when the line is reset after the request', async () => {
      await using server = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
      expect(await callNotifier(php, { url: `http://127.0.0.1:${server.port}` })).toMatchObject({ outcome: 'uncertain', code: 0 });
    });

    it('takes a refusal whose rest does not come for a refusal', async () => {
      const head = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 99\r\n\r\n{"detail"';
      await using server = await listen((socket) => socket.once('data', () => socket.end(head)));
      const calls = ["$notifier->notify(['package' => 'p', 'page' => 'q', 'x' => str_repeat('x', 5000000)])"];
      expect(await callNotifier(php, { url: `http://127.0.0.1:${server.port}`, calls })).toMatchObject({ outcome: 'refused', code: 413 });
    });
  },
  ['curl'],
);
