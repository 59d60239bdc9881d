import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { openPeer } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, said, subscriber } from '../support/peers.js';
import { describeWithPhp, type RunPhp } from '../support/php.js';
import { callNotifier } from '../support/php-notifier.js';
import { servePhp } from '../support/php-server.js';

const KEY = 'wsn_key-of-a-back-end';
const sha256 = createHash('sha256').update(KEY).digest('hex');

const TOPIC = { package: 'amaiia_msg_srv', page: 'messages' };

/** A back-end that knows who has which token, and the broker that asks it. */
async function startBoth() {
  const php = await servePhp();
  const broker = await startTestBroker({ authorizeUrl: `${php.url}/authorize.php`, apiKeys: [{ name: 'php', sha256 }] });
  const dispose = async () => {
    await broker[Symbol.asyncDispose]();
    await php[Symbol.asyncDispose]();
  };
  return { php, broker, [Symbol.asyncDispose]: dispose };
}

/** Publishes as the back-end does: with its key in a header, and nothing in the URL. */
function publish(php: RunPhp, url: string, channel: string) {
  const calls = [
    `$notifier->notify(['package' => '${TOPIC.package}', 'page' => '${TOPIC.page}', 'filters' => ['values' => '${channel}']])`,
  ];
  return callNotifier(php, { url, calls, env: { WSN_API_KEY: KEY } });
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

describeWithPhp('a back-end in PHP that says who may hear what', (php) => {
  it('has its users hear their channels and no others, also those who ask for more (R-7.2, R-7.3)', async () => {
    await using both = await startBoth();
    const { broker } = both;
    await using base = await subscriber(broker, [TOPIC], bearer('anna-0123456789'));
    await using page = await connectV1(broker, { subprotocols: ['wsn.v1', 'wsn.token.anna-0123456789'] });
    const { subscribed } = await ask(page, { sender: 'client', id: '1', subscriptions: [TOPIC] });
    expect(subscribed).toMatchObject({ topics: [{ ...TOPIC, narrowed: true }] });
    for (const channel of ['5', '2', '4', '3']) {
      expect(await publish(php, broker.url, channel)).toEqual({ receipt: null });
    }
    for (const peer of [base, page]) {
      for (const values of ['2', '3']) expect(await said(peer)).toMatchObject({ notification: { filters: { values } } });
      expect(peer.inbox).toEqual([]);
    }
    expect(both.php.complaints).toEqual([]);
  });

  it('has its users say nothing (R-7.3)', async () => {
    await using both = await startBoth();
    await using page = await connectV1(both.broker, bearer('anna-0123456789'));
    const { error } = await ask(page, { sender: 'server', notification: { ...TOPIC, filters: { values: '2' } } });
    expect(error).toMatchObject({ code: 'forbidden' });
  });

  it.each([
    ['whom it does not know', 'nobody', 401],
    ['whom it has blocked', 'bert-0123456789', 403],
  ])('keeps out %s (R-4.6)', async (_, token, status) => {
    await using both = await startBoth();
    const { port } = both.broker;
    await expect(openPeer({ host: '127.0.0.1', port, ...bearer(token) })).rejects.toMatchObject({ status });
  });

  it('lets nobody in who is not remembered while it cannot be asked, and publishers all the same (R-7.2)', async () => {
    await using both = await startBoth();
    const { broker } = both;
    await both.php[Symbol.asyncDispose]();
    const { port, url } = broker;
    await expect(openPeer({ host: '127.0.0.1', port, ...bearer('anna-0123456789') })).rejects.toMatchObject({ status: 503 });
    expect(await publish(php, url, '2')).toEqual({ receipt: null });
  });
});
