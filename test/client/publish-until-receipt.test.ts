import { describe, expect, it } from 'vitest';
import { type Client, publishUntilReceipt } from '../../src/client/index.js';
import { startTestBroker } from '../support/broker.js';
import { startCutLine } from '../support/cut-line.js';
import { confirm, countingSignal, isOpen, quickClient, refuse } from './conversation.js';
import { eventually, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };

/** A client whose listeners to its store are counted. */
function counted(client: Client) {
  let listeners = 0;
  const subscribe = (listener: () => void) => {
    const forget = client.store.subscribe(listener);
    listeners++;
    return () => {
      listeners--;
      forget();
    };
  };
  const sender: Pick<Client, 'publish' | 'state' | 'store'> = {
    get state() {
      return client.state;
    },
    store: { getSnapshot: client.store.getSnapshot, subscribe },
    publish: (notification, options) => client.publish(notification, options),
  };
  return { sender, listeners: () => listeners };
}

describe('publishUntilReceipt', () => {
  it('waits for a line with one listener for all, sends in the order of the calls, and leaves nothing behind', async () => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const { sender, listeners } = counted(client);
    const { signal, listeners: signalled } = countingSignal();
    const answers = [1, 2, 3].map((data) => publishUntilReceipt(sender, { ...A, data }, { signal }));
    expect([listeners(), signalled()]).toEqual([1, 3]);
    const peer = await broker.peer(0);
    for (const at of [2, 0, 1]) expect((await confirm(peer, at)).notification?.data).toBe(at + 1);
    expect(await Promise.all(answers)).toMatchObject([{ duplicate: false }, {}, {}]);
    expect([listeners(), signalled()]).toEqual([0, 0]);
    const late = publishUntilReceipt(sender, { ...A, data: 4 });
    expect((await confirm(peer, 3)).notification?.data).toBe(4);
    await late;
    expect(client.stats.published).toBe(4);
  });

  it('ends at once where the client is closed or the signal has aborted, and waits for no line any more', async () => {
    const client = quickClient('ws://127.0.0.1:1');
    const { sender, listeners } = counted(client);
    const { signal, abort, listeners: signalled } = countingSignal();
    const given = publishUntilReceipt(sender, A, { signal });
    const aborted = expect(given).rejects.toMatchObject({ name: 'AbortError' });
    abort();
    await aborted;
    await expect(publishUntilReceipt(sender, A, { signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect([listeners(), signalled()]).toEqual([0, 0]);
    const pending = expect(publishUntilReceipt(sender, A)).rejects.toMatchObject({ name: 'ClosedError', code: 1000 });
    await client.close();
    await pending;
    await expect(publishUntilReceipt(sender, A)).rejects.toMatchObject({ name: 'ClosedError', code: 1000 });
    expect(listeners()).toBe(0);
  });

  it('says that the base protocol has no receipts, and leaves nothing behind', async () => {
    await using broker = await startFakeBroker({ speaksV1: false });
    await using client = quickClient(broker.url);
    const { sender, listeners } = counted(client);
    await expect(publishUntilReceipt(sender, A)).rejects.toThrow('the base protocol has no receipts');
    expect(listeners()).toBe(0);
  });

  it.each([
    [true, 'tries again'],
    [false, 'ends'],
  ])('knows by `retry` alone what to do with a code of a later version: with %s it %s (R-5.9)', async (retry) => {
    await using broker = await startFakeBroker();
    await using client = quickClient(broker.url);
    const answer = publishUntilReceipt(client, A, { backoff: { initialMs: 0 } });
    const ended = retry ? answer : expect(answer).rejects.toMatchObject({ code: 'of-tomorrow', retry: false });
    const peer = await broker.peer(0);
    const { key } = await refuse(peer, 0, { code: 'of-tomorrow', retry });
    if (retry) expect((await confirm(peer, 1)).key).toBe(key);
    await ended;
  });

  it('holds up no client by what another is refused for now', async () => {
    await using broker = await startFakeBroker();
    await using one = quickClient(broker.url);
    await isOpen(one);
    await using other = quickClient(broker.url);
    await isOpen(other);
    const controller = new AbortController();
    let waits = 0;
    const options = {
      backoff: { initialMs: 3_600_000, maxMs: 3_600_000 },
      random: () => 0.9,
      signal: controller.signal,
      onWait: () => waits++,
    };
    const held = publishUntilReceipt(one, A, options);
    await refuse(await broker.peer(0), 0, { code: 'unavailable', retry: true });
    await eventually(() => waits === 1, 'the refusal');
    const free = publishUntilReceipt(other, A);
    await confirm(await broker.peer(1), 0);
    await free;
    const ended = expect(held).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await ended;
  });

  it('has each in the log once, in order, over lines that break again and again (R-5.8)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    await using ear = quickClient(broker.url);
    const heard: unknown[] = [];
    await ear.subscribe(A, ({ notification }) => heard.push(notification.data)).ready;
    await using client = quickClient(line.url);
    const all: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round++) {
      await isOpen(client);
      for (let count = 0; count < 20; count++) all.push(publishUntilReceipt(client, { ...A, data: all.length }));
      line.cutAfter(100 * round); // some have their receipt by then, some not
    }
    await Promise.all(all);
    await eventually(() => heard.length === all.length, 'all of them');
    expect(heard).toEqual(all.map((_, index) => index));
    expect(client.stats.reconnects).toBeGreaterThan(0);
  });
});
