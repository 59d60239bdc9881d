import { describe, expect, it } from 'vitest';
import { type Client, type NotificationsOptions, notifications } from '../../src/client/index.js';
import { startTestBroker } from '../support/broker.js';
import { acknowledge, confirm, countingSignal, deliver, isOpen, quickClient, refuse, said } from './conversation.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };

/** Takes until the loop ends; `data` grows meanwhile. */
function taking(client: Client, options: NotificationsOptions = {}) {
  const data: unknown[] = [];
  const done = (async () => {
    for await (const { notification } of notifications(client, A, options)) data.push(notification.data);
  })();
  done.catch(() => {});
  return { data, done };
}

describe('notifications', () => {
  it('come in order, with their positions, and leaving the loop unsubscribes', async () => {
    await using broker = await startTestBroker();
    await using client = quickClient(broker.url);
    const taken: unknown[] = [];
    const done = (async () => {
      for await (const { notification, position, text } of notifications(client, [A, B])) {
        taken.push(notification.data);
        expect([position?.offset, JSON.parse(text).notification]).toEqual([taken.length, notification]);
        if (taken.length === 5) break;
      }
    })();
    await eventually(() => broker.stats().registry.topics === 2, 'the subscription');
    for (let data = 1; data <= 7; data++) await client.publish({ ...A, data });
    await done;
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    await eventually(() => broker.stats().registry.topics === 0, 'the end of the subscription');
  });

  it('come beside those of other handles, and a throw in the loop takes back their own', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    client.subscribe(B, () => {});
    const done = (async () => {
      for await (const { notification } of notifications(client, A)) throw new Error(`at ${notification.data}`);
    })();
    done.catch(() => {});
    await acknowledge(peer, 0);
    deliver(peer, A, 1);
    await expect(done).rejects.toThrow('at 1');
    expect((await said(peer, 1)).subscriptions).toEqual([B]);
  });

  it('end when the signal aborts, and nobody listens to it then', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const { signal, abort, listeners } = countingSignal();
    const { data, done } = taking(client, { signal });
    const peer = await broker.peer(0);
    await acknowledge(peer, 0);
    deliver(peer, A, 1);
    await eventually(() => data.length === 1, 'the first');
    abort();
    await done;
    expect((await said(peer, 1)).subscriptions).toEqual([]);
    expect(listeners()).toBe(0);
    const late = taking(client, { signal });
    await late.done;
    expect([late.data, listeners()]).toEqual([[], 0]);
  });

  it('end when the client is closed by `close()`, and for one that is closed already', async () => {
    await using broker = await startFakeBroker();
    const client = quickClient(broker.url);
    const { done } = taking(client);
    await said(await broker.peer(0), 0);
    await client.close();
    await done;
    await taking(client).done;
  });

  it('throw when the client stops for another reason, and for one that has stopped already (R-4.1)', async () => {
    await using broker = await startFakeBroker({ onPeer: (peer) => peer.socket.once('message', () => peer.socket.close(4403, 'no')) });
    await using client = quickClient(broker.url);
    await expect(taking(client).done).rejects.toMatchObject({ name: 'ClosedError', code: 4403, reason: 'no' });
    await expect(taking(client).done).rejects.toMatchObject({ name: 'ClosedError', code: 4403, reason: 'no' });
  });

  it('throw when the broker refuses the subscriptions, and not for those of others (R-5.9)', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    await isOpen(client);
    const peer = await broker.peer(0);
    const { data, done } = taking(client);
    client.subscribe(B, () => {});
    await refuse(peer, 0, { path: '/subscriptions/1' });
    await acknowledge(peer, 1);
    deliver(peer, A, 1);
    await eventually(() => data.length === 1, 'the notification');
    client.subscribe(B, () => {});
    await refuse(peer, 2, { path: '/subscriptions/0' });
    await expect(done).rejects.toMatchObject({ name: 'ProtocolError', code: 'forbidden' });
  });

  it('throw when more than `limit` wait, after those that do', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const taken: unknown[] = [];
    let goOn = () => {};
    const pause = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const done = (async () => {
      for await (const { notification } of notifications(client, A, { limit: 3 })) {
        taken.push(notification.data);
        await pause;
      }
    })();
    done.catch(() => {});
    const peer = await broker.peer(0);
    await acknowledge(peer, 0);
    deliver(peer, A, 1);
    await eventually(() => taken.length === 1, 'the first');
    for (let offset = 2; offset <= 6; offset++) deliver(peer, A, offset);
    const fence = client.publish(B);
    await confirm(peer, 1);
    await fence;
    goOn();
    await expect(done).rejects.toThrow('more than 3 notifications wait to be taken: take them faster, or raise the limit');
    expect(taken).toEqual([1, 2, 3, 4]);
  });
});
