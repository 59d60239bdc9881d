import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { openPeer, type Peer } from '../../src/peer/index.js';
import type { Broker } from '../../src/server/index.js';
import { startTestBroker } from '../support/broker.js';
import { describeWithPhp, type PhpEnded, type RunPhp } from '../support/php.js';
import { callNotifier, NOTIFIER } from '../support/php-notifier.js';
import { spawnWsn } from '../support/wsn.js';

const SEED_1 = `[
  'package' => 'amaiia_msg_srv',
  'page' => 'messages',
  'filters' => ['values' => '2'],
  'data' => ['messageId' => '12345', 'channelId' => '2'],
  'message' => 'Nouveau message reçu',
]`;
const SEED_2 = "['package' => 'amaiia_msg_srv', 'page' => 'machines', 'filters' => ['values' => ['oee' => 85.5]]]";
/** What PHP would change if it decoded and encoded it again. */
const DATA = '{ "messageId":12345678901234567890, "none":{}, "oee":8.50 }';
const FOR_CHANNEL_4 = "['package' => 'amaiia_msg_srv', 'page' => 'messages', 'filters' => ['values' => '4']]";

/** How a back-end may publish. */
const SCHEMES = ['ws', 'http'] as const;

/** Runs PHP of a back-end that sends `notifications` one after the other and does not catch what is thrown. */
function publish(php: RunPhp, url: string, notifications: readonly string[]): Promise<PhpEnded> {
  const calls = notifications.map((notification) => `$notifier->notify(${notification});`);
  return php(['-r', `require '${NOTIFIER}'; $notifier = new Wsn\\Notifier('${url}'); ${calls.join('\n')}`]);
}

/** A base peer whose subscription is in force. */
async function subscriber(broker: Broker, page: string): Promise<Peer> {
  const peer = await openPeer({ host: '127.0.0.1', port: broker.port });
  peer.send(JSON.stringify({ sender: 'client', subscriptions: [{ package: 'p', page }] }));
  await peer.barrier();
  return peer;
}

/** A reverse proxy on this host, as it would stand before a broker: it says for whom it forwards. */
async function reverseProxy(port: number): Promise<{ url: string } & Disposable> {
  const server = createServer((socket) => {
    const broker = connect(port, '127.0.0.1');
    socket.once('data', (head) => {
      broker.write(head.toString('latin1').replace('\r\n', '\r\nX-Forwarded-For: 203.0.113.7\r\n'), 'latin1');
      socket.pipe(broker);
    });
    broker.pipe(socket);
    for (const line of [socket, broker]) line.on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.dispose]: () => server.close() };
}

describeWithPhp(
  'a back-end in PHP',
  (php) => {
    it.each(SCHEMES)(
      'reaches by %s who subscribed to channels 2, 3 and 5 and to oee, and not who subscribed to channel 4',
      async (scheme) => {
        const wish = (page: string, values: object) => ({ package: 'amaiia_msg_srv', page, filters: { values } });
        await using serve = spawnWsn(['serve', '--host', '127.0.0.1', '--port', '0', '--log-format', 'json']);
        const url = (await serve.waitFor(/"url":"(ws:[^"]+)"/))[1] as string;
        const subscribe = ['subscribe', '--url', url, '--json', '--subscriptions', '-', '--count'];
        await using wanting = spawnWsn([...subscribe, '2']);
        wanting.stdin.end(JSON.stringify([wish('messages', { channel: ['2', '3', '5'] }), wish('machines', { oee: true })]));
        await using other = spawnWsn([...subscribe, '1']);
        other.stdin.end(JSON.stringify([wish('messages', { channel: ['4'] }), wish('machines', { channel: ['4'] })]));
        await Promise.all([wanting, other].map((running) => running.waitFor(/subscribed/, 'stderr')));

        const back = await publish(php, url.replace('ws', scheme), [SEED_1, SEED_2, FOR_CHANNEL_4]);
        expect(back).toEqual({ code: 0, stdout: '', stderr: '' });

        const [received, refused] = await Promise.all([wanting.exit, other.exit]);
        const filtersOf = (stdout: string) =>
          stdout
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line).notification.filters.values);
        expect(filtersOf(received.stdout)).toEqual(['2', { oee: 85.5 }]);
        expect(received.stdout).toContain('"message":"Nouveau message reçu"');
        expect(filtersOf(refused.stdout)).toEqual(['4']);
        expect([received.code, refused.code]).toEqual([0, 0]);
      },
    );

    it.each(SCHEMES)('may leave filters and data empty, which PHP writes as []: %s (R-3.1)', async (scheme) => {
      await using broker = await startTestBroker();
      await using peer = await subscriber(broker, 'q');
      const url = broker.url.replace('ws', scheme);
      const { stderr } = await publish(php, url, ["['package' => 'p', 'page' => 'q', 'filters' => [], 'data' => []]"]);
      expect(stderr).toBe('');
      expect(await peer.next()).toBe('{"sender":"server","notification":{"package":"p","page":"q","filters":[],"data":[]}}');
    });

    it.each(SCHEMES)(
      'has its notification relayed byte for byte, whole numbers of a float and 70,000 bytes too: %s (R-2.3)',
      async (scheme) => {
        await using broker = await startTestBroker();
        await using peer = await subscriber(broker, 'q');
        const notification = "['package' => 'p', 'page' => 'q', 'zero' => 85.0, 'url' => 'a/é', 'long' => str_repeat('é', 35000)]";
        const { stderr } = await publish(php, broker.url.replace('ws', scheme), [notification]);
        expect(stderr).toBe('');
        expect(await peer.next()).toBe(
          `{"sender":"server","notification":{"package":"p","page":"q","zero":85.0,"url":"a/é","long":"${'é'.repeat(35_000)}"}}`,
        );
      },
    );

    it.each(SCHEMES)('may hand over JSON, whose bytes are relayed as they are: %s (R-2.3)', async (scheme) => {
      await using broker = await startTestBroker();
      await using peer = await subscriber(broker, 'q');
      const json = `{"package":"p","page":"q","filters":{"values":"2"},"data":${DATA}}`;
      const { receipt } = await callNotifier(php, { url: broker.url.replace('ws', scheme), calls: [`$notifier->notifyJson('${json}')`] });
      expect(receipt).toEqual(scheme === 'ws' ? null : { position: expect.anything(), matched: 1, duplicate: false });
      expect(await peer.next()).toBe(`{"sender":"server","notification":${json}}`);
    });

    it('gets an exception that names the member which is wrong: by ws with 4400, by http with 400 (R-4.3)', async () => {
      await using broker = await startTestBroker();
      const { code, stderr } = await publish(php, broker.url, ["['package' => 'p']"]);
      expect(stderr).toMatch(/Wsn\\NotifierException: ws:\S+ closed the connection with 4400: \/notification\/page/);
      expect(code).toBe(255);
      const calls = ["$notifier->notify(['package' => 'p'])"];
      expect(await callNotifier(php, { url: broker.url, calls })).toMatchObject({ outcome: 'refused', code: 4400 });
      expect(await callNotifier(php, { url: broker.url.replace('ws', 'http'), calls })).toMatchObject({
        outcome: 'refused',
        code: 400,
        message: expect.stringMatching(/… answered with HTTP 400: .*page.*; nothing was published/),
      });
    });

    it('gets an exception that names the option when it comes through a reverse proxy: by ws with 4403, by http with 403 (R-7.1)', async () => {
      await using broker = await startTestBroker();
      using proxy = await reverseProxy(broker.port);
      const calls = [`$notifier->notify(${SEED_1})`];
      expect(await callNotifier(php, { url: proxy.url, calls })).toMatchObject({
        outcome: 'refused',
        code: 4403,
        message: expect.stringMatching(/^… closed the connection with 4403: .*--allow-publish/),
      });
      expect(await callNotifier(php, { url: proxy.url.replace('ws', 'http'), calls })).toMatchObject({
        outcome: 'refused',
        code: 403,
        message: expect.stringMatching(/--allow-publish/),
      });
    });

    it.each(SCHEMES)('publishes to a broker that listens with IPv6: %s', async (scheme) => {
      await using broker = await startTestBroker({ host: '::1' });
      expect(await callNotifier(php, { url: `${scheme}://[::1]:${broker.port}` })).toHaveProperty('receipt');
    });
  },
  ['curl'],
);
