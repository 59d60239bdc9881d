import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { LostTopic } from '../../src/client/index.js';
import { startTestBroker } from '../support/broker.js';
import { startCutLine } from '../support/cut-line.js';
import { type ClientOptions, createClient } from '../support/one-set-client.js';
import { eventually, type FakePeer, startFakeBroker } from './fake-broker.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };
const REWOUND = { ...A, rewind: 10 };

function connect(url: string, options: Partial<ClientOptions> = {}) {
  const data: unknown[] = [];
  const resets: (readonly LostTopic[])[] = [];
  const client = createClient({
    url,
    WebSocket,
    backoff: { initialMs: 5, maxMs: 20 },
    onNotification: ({ notification }) => data.push(notification.data),
    onReset: (topics) => resets.push(topics),
    ...options,
  });
  return { client, data, resets };
}

/** Answers the set at `index`, and gives what was asked for. */
async function answer(peer: FakePeer, index: number, topics: readonly object[]): Promise<object> {
  const { id, subscriptions, resume } = JSON.parse(await peer.heard(index)) as { id: string; subscriptions: object; resume?: object };
  peer.say({ sender: 'server', id, subscribed: { topics } });
  return { subscriptions, ...(resume ? { resume } : {}) };
}

/** Notifications of A, whose data are their offsets. */
function deliver(peer: FakePeer, ...offsets: readonly number[]): void {
  for (const offset of offsets) peer.say({ sender: 'server', notification: { ...A, data: offset }, position: { epoch: 'k', offset } });
}

describe('a subscription with rewind', () => {
  it('is asked for once: a reconnection resumes, and what is lost is told instead (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    const { client, data, resets } = connect(broker.url);
    await using _ = client;
    const subscribed = client.subscribe([REWOUND]);
    const first = await broker.peer(0);
    expect(await answer(first, 0, [{ ...A, epoch: 'k', offset: 19, rewound: 2, complete: false }])).toEqual({ subscriptions: [REWOUND] });
    expect(await subscribed).toMatchObject([{ rewound: 2, complete: false }]);
    deliver(first, 11, 15, 20);
    await eventually(() => data.length === 3, 'the rewind and one more');
    first.socket.terminate();
    const second = await broker.peer(1);
    const lost = { ...A, epoch: 'l', offset: 3 };
    expect(await answer(second, 0, [{ ...lost, recovered: false, replayed: 0 }])).toEqual({
      subscriptions: [A],
      resume: [{ ...A, epoch: 'k', offset: 20 }],
    });
    await eventually(() => resets.length === 1, 'the loss');
    second.socket.terminate();
    expect(JSON.parse(await (await broker.peer(2)).heard(0))).toMatchObject({ subscriptions: [A], resume: [lost] });
    expect([data, resets, client.stats.recovered]).toEqual([[11, 15, 20], [[lost]], 0]);
  });

  it('goes on in the middle of it when its line breaks there (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    const { client, data, resets } = connect(broker.url, { subscriptions: [REWOUND] });
    await using _ = client;
    const first = await broker.peer(0);
    await answer(first, 0, [{ ...A, epoch: 'k', offset: 19, rewound: 3, complete: false }]);
    deliver(first, 11, 15);
    await eventually(() => data.length === 2, 'a part of it');
    first.socket.terminate();
    const second = await broker.peer(1);
    const asked = await answer(second, 0, [{ ...A, epoch: 'k', offset: 21, recovered: true, replayed: 3 }]);
    expect(asked).toEqual({ subscriptions: [A], resume: [{ ...A, epoch: 'k', offset: 15 }] });
    deliver(second, 18, 20, 21, 22);
    await eventually(() => data.length === 6, 'the rest');
    expect([data, resets]).toEqual([[11, 15, 18, 20, 21, 22], []]);
    expect(client.stats).toMatchObject({ received: 6, recovered: 3, repeats: 0 });
  });

  it('begins anew when its line broke before anything of it came, and says what may be missing by then (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    const { client, data, resets } = connect(broker.url);
    await using _ = client;
    const subscribed = client.subscribe([REWOUND]);
    const first = await broker.peer(0);
    await answer(first, 0, [{ ...A, epoch: 'k', offset: 19, rewound: 2, complete: false }]);
    await subscribed;
    first.socket.terminate();
    const second = await broker.peer(1);
    const asked = await answer(second, 0, [{ ...A, epoch: 'k', offset: 40, rewound: 2, complete: false }]);
    expect(asked).toEqual({ subscriptions: [REWOUND] });
    deliver(second, 38, 40);
    await eventually(() => data.length === 2, 'the rewind');
    expect([data, resets]).toEqual([[38, 40], [[{ ...A, epoch: 'k', offset: 40 }]]]);
  });

  it('rewinds only the topic that is new in a set (R-5.4)', async () => {
    await using broker = await startFakeBroker();
    const { client } = connect(broker.url, { subscriptions: [A] });
    await using _ = client;
    const peer = await broker.peer(0);
    await answer(peer, 0, [{ ...A, epoch: 'k', offset: 19 }]);
    const settled = client.subscribe([A]); // a fence
    await answer(peer, 1, [{ ...A, epoch: 'k', offset: 19 }]);
    await settled;
    const changed = client.subscribe([REWOUND, { ...B, rewind: 3 }]);
    const asked = await answer(peer, 2, [{ ...A, epoch: 'k', offset: 19 }]);
    expect(asked).toEqual({ subscriptions: [A, { ...B, rewind: 3 }] });
    await changed;
  });

  it('is not asked for with the base protocol, nor after it on a line that speaks wsn.v1 (R-5.1)', async () => {
    await using broker = await startFakeBroker();
    let lines = 0;
    class OffersLater extends WebSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, lines++ === 0 ? [] : protocols);
      }
    }
    const { client } = connect(broker.url, { WebSocket: OffersLater });
    await using _ = client;
    expect(await client.subscribe([REWOUND])).toEqual([]);
    const first = await broker.peer(0);
    expect(JSON.parse(await first.heard(0))).toEqual({ sender: 'client', subscriptions: [A] });
    first.socket.terminate();
    expect(await answer(await broker.peer(1), 0, [{ ...A, epoch: 'k', offset: 19 }])).toEqual({ subscriptions: [A] });
  });

  it('sent twice before the first is answered comes once (R-2.9)', async () => {
    await using broker = await startFakeBroker();
    const { client, data } = connect(broker.url, { subscriptions: [REWOUND] });
    await using _ = client;
    const peer = await broker.peer(0);
    await peer.heard(0);
    const again = client.subscribe([REWOUND, B]);
    await peer.heard(1);
    for (const index of [0, 1]) {
      await answer(peer, index, [{ ...A, epoch: 'k', offset: 19, rewound: 2, complete: true }]);
      deliver(peer, 11, 15);
    }
    deliver(peer, 20);
    await again;
    await eventually(() => data.includes(20), 'what is live');
    expect(data).toEqual([11, 15, 20]);
    expect(client.stats.repeats).toBe(2);
  });
});

describe('a rewind of the broker', () => {
  it('that a broken line cuts in the middle loses nothing and repeats nothing (R-5.4)', async () => {
    await using broker = await startTestBroker();
    await using line = await startCutLine(broker.port);
    await using publisher = connect(broker.url).client;
    for (let n = 1; n <= 300; n++) await publisher.publish({ ...A, data: n });
    line.cutAfter(8000);
    const { client, data, resets } = connect(line.url);
    await using _ = client;
    expect(await client.subscribe([{ ...A, rewind: 200 }])).toMatchObject([{ offset: 300, rewound: 200, complete: false }]);
    await eventually(() => client.stats.reconnects > 0, 'the break');
    await publisher.publish({ ...A, data: 301 });
    await eventually(() => data.at(-1) === 301, 'what is live');
    expect(data).toEqual(Array.from({ length: 201 }, (__, index) => 101 + index));
    expect(resets).toEqual([]);
    expect(client.stats.recovered).toBeGreaterThan(0);
  });
});
