import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { LostTopic } from '../../src/client/index.js';
import type { SubscribedTopic } from '../../src/protocol/index.js';
import { startTestBroker } from '../support/broker.js';
import { startCutLine } from '../support/cut-line.js';
import { type Client, type ClientOptions, createClient } from '../support/one-set-client.js';
import { eventually, type FakePeer, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };

/** A client, and all that it has told. */
function connect(url: string, options: Partial<ClientOptions> = {}) {
  const data: unknown[] = [];
  const recovered: (readonly SubscribedTopic[])[] = [];
  const resets: (readonly LostTopic[])[] = [];
  const client = createClient({
    url,
    WebSocket,
    backoff: { initialMs: 5, maxMs: 20 },
    onNotification: ({ notification }) => data.push(notification.data),
    onRecovered: (topics) => recovered.push(topics),
    onReset: (topics) => resets.push(topics),
    ...options,
  });
  return { client, data, recovered, resets };
}

const isWaiting = (client: Client) => () => client.state.kind !== 'open';

function count(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Answers a message of subscriptions. */
async function answer(peer: FakePeer, index: number, topics: readonly object[]): Promise<Record<string, unknown>> {
  const message = JSON.parse(await peer.heard(index)) as Record<string, unknown>;
  peer.say({ sender: 'server', id: message.id, subscribed: { topics } });
  return message;
}

describe('a client whose line broke', () => {
  it('misses nothing and hears nothing twice: it says what it has seen last (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    const { client, data, recovered, resets } = connect(line.url);
    await using _ = client;
    await using publisher = connect(broker.url).client;
    await client.subscribe([A]);
    for (const n of count(1, 3)) await publisher.publish({ ...A, data: n });
    await eventually(() => data.length === 3, 'the first three');
    line.cut();
    await eventually(isWaiting(client), 'the end of the line');
    for (const n of count(4, 10)) await publisher.publish({ ...A, data: n });
    line.mend();
    await eventually(() => data.length === 10, 'all ten');
    await publisher.publish({ ...A, data: 'live' });
    await eventually(() => data.at(-1) === 'live', 'what is live');
    expect(data).toEqual([...count(1, 10), 'live']);
    expect(recovered).toMatchObject([[{ ...A, offset: 10, recovered: true, replayed: 7 }]]);
    expect(resets).toEqual([]);
  });

  it('in the middle of a replay gets the rest of it on the next line (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    const { client, data, recovered, resets } = connect(line.url);
    await using _ = client;
    await using publisher = connect(broker.url).client;
    await client.subscribe([A]);
    line.cut();
    await eventually(isWaiting(client), 'the end of the line');
    for (const n of count(1, 300)) await publisher.publish({ ...A, data: n });
    line.cutAfter(8000);
    line.mend();
    await eventually(() => data.length >= 300, 'all of it');
    await publisher.publish({ ...A, data: 'live' });
    await eventually(() => data.at(-1) === 'live', 'what is live');
    expect(data).toEqual([...count(1, 300), 'live']);
    expect(recovered.map((topics) => topics[0]?.replayed)).toEqual([300, expect.any(Number)]);
    // The second one was cut in the middle, or this test proves nothing.
    expect(recovered[1]?.[0]?.replayed).toBeGreaterThan(0);
    expect(recovered[1]?.[0]?.replayed).toBeLessThan(300);
    expect(resets).toEqual([]);
  });

  it('resumes what a mark has told although nothing was for it (R-5.6)', async () => {
    await using broker = await startFakeBroker();
    await using client = connect(broker.url, { subscriptions: [A] }).client;
    const first = await broker.peer(0);
    await answer(first, 0, [{ ...A, epoch: 'k', offset: 3 }]);
    first.say({ sender: 'server', mark: [{ ...A, epoch: 'k', offset: 140 }] });
    const published = client.publish({ ...B }); // a fence: its answer comes behind the mark
    const { id } = JSON.parse(await first.heard(1));
    first.say({ sender: 'server', id, receipt: { position: { epoch: 'm', offset: 1 }, matched: 0, duplicate: false } });
    await published;
    first.socket.terminate();
    const second = await broker.peer(1);
    expect(JSON.parse(await second.heard(0))).toMatchObject({ subscriptions: [A], resume: [{ ...A, epoch: 'k', offset: 140 }] });
  });

  it('resumes only topics that are in the new set, and forgets the others (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    const { client, recovered, resets } = connect(line.url);
    await using _ = client;
    await client.subscribe([A, B]);
    line.cut();
    await eventually(isWaiting(client), 'the end of the line');
    const changed = client.subscribe([B, { package: 'p', page: 'c' }]);
    line.mend();
    expect(await changed).toMatchObject([{ ...B, recovered: true, replayed: 0 }, { page: 'c' }]);
    expect(recovered).toMatchObject([[B]]);
    const [again] = await client.subscribe([A]);
    expect(again).not.toHaveProperty('recovered');
    expect(resets).toEqual([]);
  });

  it('does not resume with a set that replaces another on the same line (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    const { client, resets, recovered } = connect(broker.url, { subscriptions: [A] });
    await using _ = client;
    const peer = await broker.peer(0);
    await answer(peer, 0, [{ ...A, epoch: 'k', offset: 3 }]);
    const settled = client.subscribe([A]);
    expect(await answer(peer, 1, [{ ...A, epoch: 'k', offset: 5 }])).not.toHaveProperty('resume');
    await settled;
    expect([resets, recovered]).toEqual([[], []]);
  });

  it('resumes with the next set when the broker refuses the first of a line (R-5.4, R-5.9)', async () => {
    await using broker = await startFakeBroker();
    const { client } = connect(broker.url, { subscriptions: [A] });
    await using _ = client;
    const first = await broker.peer(0);
    await answer(first, 0, [{ ...A, epoch: 'k', offset: 3 }]);
    const settled = client.subscribe([A]); // a fence
    await answer(first, 1, [{ ...A, epoch: 'k', offset: 3 }]);
    await settled;
    first.socket.terminate();
    const second = await broker.peer(1);
    const { id } = JSON.parse(await second.heard(0));
    second.say({ sender: 'server', id, error: { code: 'unavailable', message: 'not now', retry: true } });
    void client.subscribe([A, B]).catch(() => {});
    expect(JSON.parse(await second.heard(1))).toMatchObject({ subscriptions: [A, B], resume: [{ ...A, epoch: 'k', offset: 3 }] });
  });

  it('goes back to the set that was in force when a changed one is refused on the new line (R-5.9)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    const { client, data, recovered } = connect(line.url);
    await using _ = client;
    await using publisher = connect(broker.url).client;
    await client.subscribe([A]);
    line.cut();
    await eventually(isWaiting(client), 'the end of the line');
    const changed = client.subscribe([{ package: 'p', page: '' }]);
    await publisher.publish({ ...A, data: 'missed' });
    line.mend();
    await expect(changed).rejects.toMatchObject({ code: 'invalid-subscription' });
    await eventually(() => data.length > 0, 'what was missed');
    expect(recovered).toMatchObject([[{ ...A, replayed: 1 }]]);
  });

  it('is told when the broker has restarted: what came before is uncertain (R-5.4)', async () => {
    const options = { reconnectJitterMs: 0 };
    const first = await startTestBroker(options);
    const { client, data, resets, recovered } = connect(first.url);
    await using _ = client;
    const [before] = await client.subscribe([A]);
    await client.publish({ ...A, data: 'first' });
    await eventually(() => data.length === 1, 'the first');
    await first.close();
    await using _second = await startTestBroker({ ...options, port: first.port });
    const [lost] = await eventually(() => resets[0], 'the reset');
    expect(lost).toEqual({ ...A, epoch: expect.any(String), offset: 0 });
    expect(lost?.epoch).not.toBe(before?.epoch);
    await client.publish({ ...A, data: 'second' });
    await eventually(() => data.length === 2, 'the second');
    expect(data).toEqual(['first', 'second']);
    expect(recovered).toEqual([[]]);
  });

  it('is told when too much was missed to be replayed (R-5.4)', async () => {
    await using broker = await startTestBroker({ historyNotifications: 2 });
    await using line = await startCutLine(broker.port);
    const { client, data, resets } = connect(line.url);
    await using _ = client;
    await using publisher = connect(broker.url).client;
    await client.subscribe([A, B]);
    line.cut();
    await eventually(isWaiting(client), 'the end of the line');
    for (const n of count(1, 5)) await publisher.publish({ ...A, data: n });
    line.mend();
    expect(await eventually(() => resets[0], 'the reset')).toMatchObject([{ ...A, offset: 5 }]);
    await publisher.publish({ ...A, data: 'live' });
    await eventually(() => data.length > 0, 'what is live');
    expect(data).toEqual(['live']);
    expect(resets).toHaveLength(1);
  });

  it('is told when the next broker speaks the base protocol only, which cannot resume', async () => {
    await using broker = await startFakeBroker();
    let lines = 0;
    class OffersOnce extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, lines++ === 0 ? protocols : []);
      }
    }
    const { client, resets } = connect(broker.url, { subscriptions: [A], WebSocket: OffersOnce });
    await using _ = client;
    const first = await broker.peer(0);
    await answer(first, 0, [{ ...A, epoch: 'k', offset: 3 }]);
    const settled = client.subscribe([A]); // a fence
    await answer(first, 1, [{ ...A, epoch: 'k', offset: 3 }]);
    await settled;
    first.socket.terminate();
    expect(await eventually(() => resets[0], 'the reset')).toEqual([{ ...A, epoch: 'k', offset: 3 }]);
  });
});
