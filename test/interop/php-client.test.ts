import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { notifications, publishUntilReceipt } from '../../src/client/index.js';
import { freePort } from '../../src/scenario/net/ports.js';
import { isOpen, quickClient } from '../client/conversation.js';
import { eventually } from '../client/fake-broker.js';
import { describeWithPhp } from '../support/php.js';
import { runNotifier } from '../support/php-notifier.js';

const MESSAGES = { package: 'amaiia_msg_srv', page: 'messages' };
const CHANNELS = { ...MESSAGES, filters: { values: { channel: ['2', '3'] } } };

/** The server that wsn takes the place of, on one port in all its lives. */
interface Reference extends AsyncDisposable {
  readonly url: string;
  restart(): Promise<void>;
}

async function startReference(): Promise<Reference> {
  const port = await freePort();
  let child: ChildProcess;
  const start = async () => {
    child = spawn('php', ['test/interop/php/websocket_server.php', String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout) await once(child.stdout, 'data');
  };
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `ws://127.0.0.1:${port}`,
    async restart() {
      await kill();
      await start();
    },
    [Symbol.asyncDispose]: kill,
  };
}

/** PHP that publishes data on a channel. */
function onChannel(channel: string, data: number): string {
  return `$notifier->notify(['package' => 'amaiia_msg_srv', 'page' => 'messages', 'filters' => ['values' => '${channel}'], 'data' => ${data}])`;
}

describeWithPhp('the client library with the PHP server that wsn takes the place of', (php) => {
  it('falls back to the base protocol, says so, and hears what PHP publishes, each handle its own (R-3.1, R-5.1)', async () => {
    await using reference = await startReference();
    await using client = quickClient(reference.url);
    const heard: unknown[] = [];
    const all: unknown[] = [];
    client.subscribe({ ...MESSAGES, filters: { values: ['2'] } }, ({ notification }) => heard.push(notification.data));
    const { ready } = client.subscribe(MESSAGES, ({ notification, position }) => all.push([notification.data, position]));
    expect(await ready).toEqual([]);
    expect(client.state).toMatchObject({ kind: 'open', dialect: 'base' });
    const outcomes = await runNotifier(php, { url: reference.url, calls: [onChannel('1', 1), onChannel('2', 2), onChannel('2', 3)] });
    expect(outcomes).toMatchObject([1, 2, 3].map(() => ({ outcome: 'uncertain', code: 1005 })));
    await eventually(() => all.length === 3, 'all that PHP publishes');
    expect([heard, all]).toEqual([
      [2, 3],
      [
        [1, undefined],
        [2, undefined],
        [3, undefined],
      ],
    ]);
  });

  it('follows what is wanted on one connection', async () => {
    await using reference = await startReference();
    await using client = quickClient(reference.url);
    await using other = quickClient(reference.url);
    const heard: unknown[] = [];
    const handle = client.subscribe({ ...MESSAGES, filters: { values: '1' } }, ({ notification }) => heard.push(notification.data));
    await handle.ready;
    let fences = 0;
    client.subscribe({ package: 'fence', page: 'fence' }, () => fences++);
    await other.subscribe({ package: 'other', page: 'other' }, () => {}).ready;
    await handle.replace({ ...MESSAGES, filters: { values: '2' } });
    // Each on a connection that is younger than the client's: what the client has sent by then is read before.
    for (const data of [1, 2]) await other.publish({ ...MESSAGES, filters: { values: `${data}` }, data }).catch(() => {});
    handle.unsubscribe();
    await other.publish({ ...MESSAGES, filters: { values: '2' }, data: 3 }).catch(() => {});
    await other.publish({ package: 'fence', page: 'fence' }).catch(() => {});
    await eventually(() => fences === 1, 'the fence');
    expect([heard, client.stats.reconnects]).toEqual([[2], 0]);
  });

  it('publishes on a connection of its own, hears its own there, and does not know whether it was published: the server closes without a code', async () => {
    await using reference = await startReference();
    await using client = quickClient(reference.url);
    const heard: unknown[] = [];
    await client.subscribe(MESSAGES, ({ notification }) => heard.push(notification.data)).ready;
    await expect(client.publish({ ...MESSAGES, data: 'own' })).rejects.toMatchObject({
      name: 'ClosedError',
      code: 1005,
      message: 'closed with 1005',
    });
    await eventually(() => heard.length === 1, 'its own');
    expect([heard, client.state.kind, client.stats.reconnects]).toEqual([['own'], 'open', 0]);
    await expect(publishUntilReceipt(client, { ...MESSAGES, data: 'never' })).rejects.toThrow('the base protocol has no receipts');
  });

  it('comes back after a restart of the server, and tells which topics are lost, without a position', async () => {
    await using reference = await startReference();
    const lost: unknown[] = [];
    await using client = quickClient(reference.url, {
      backoff: { initialMs: 20, maxMs: 100 },
      onReset: (topics) => lost.push(topics),
    });
    const heard: unknown[] = [];
    const handle = client.subscribe(CHANNELS, ({ notification }) => heard.push(notification.data), {
      onReset: (topics) => lost.push(topics),
    });
    await handle.ready;
    await reference.restart();
    await eventually(() => lost.length === 2, 'what is lost');
    expect(lost).toEqual([[MESSAGES], [MESSAGES]]);
    expect(client.state).toMatchObject({ kind: 'open', dialect: 'base' });
    await client.publish({ ...MESSAGES, filters: { values: { channel: 3 } }, data: 'after' }).catch(() => {});
    await eventually(() => heard.length === 1, 'what is published after that');
  });

  it('takes what PHP makes of an empty object, and waits for it in a loop', async () => {
    await using reference = await startReference();
    await using client = quickClient(reference.url);
    const taken = (async () => {
      for await (const { notification, text } of notifications(client, MESSAGES)) return { notification, text };
      return undefined;
    })();
    await isOpen(client);
    await client.publish({ ...MESSAGES, filters: {}, data: {} }).catch(() => {});
    expect(await taken).toEqual({
      notification: { ...MESSAGES, filters: [], data: [] },
      text: expect.stringContaining('"filters":[]'),
    });
  });
});
