import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { OPCODE, openPeer, type Peer, type PeerOptions, writeFrame } from '../../../src/peer/index.js';
import { startRecorder } from '../../../src/scenario/record/index.js';
import { askHttp } from '../../support/http.js';
import { publication, publish as publishTo, subscribe, subscriptionsText } from '../../support/peers.js';
import { fileOf, recordSession, replay, type Session } from './session.js';

const TOPIC = { package: 'shop', page: 'orders' };
const V1 = { subprotocols: ['wsn.v1'] };

function open({ port }: Pick<Session, 'port'>, options: Partial<PeerOptions> = {}): Promise<Peer> {
  return openPeer({ host: '127.0.0.1', port, ...options });
}

async function openV1(session: Pick<Session, 'port'>): Promise<Peer> {
  const peer = await open(session, V1);
  await peer.next({ what: 'the hello' });
  return peer;
}

/** Sends a message of a `wsn.v1` peer and returns its answer. */
async function ask(peer: Peer, text: string): Promise<string> {
  peer.send(text);
  return peer.next();
}

async function publish(session: Pick<Session, 'port'>, notification: object | string): Promise<void> {
  await using peer = await open(session);
  peer.send(publication(notification));
  await peer.closed;
}

/** Posts to `/notify` behind the recorder. */
function post(session: Session, body: object, headers: Record<string, string> = {}) {
  return askHttp({ port: session.port } as Parameters<typeof askHttp>[0], { body: JSON.stringify(body), headers });
}

/** A session with all that there is, in its order; what each one does is waited for. */
async function wholeSession(session: Session): Promise<void> {
  const base = await open(session);
  await subscribe(base, [{ ...TOPIC, filters: { values: '2' } }]);
  await publish(session, '{"package":"shop","page":"orders", "filters":{"values":"2"},"data":{"total":85.0,"id":12345678901234567890}}');
  await base.next();
  const first = await openV1(session);
  await ask(first, subscriptionsText([TOPIC], { id: 's' }));
  await publish(session, { ...TOPIC, filters: { values: '2' }, message: 'for both' });
  await base.next();
  const { position } = JSON.parse(await first.next()) as { position: object };
  first.close(1000);
  await first.closed;
  await publish(session, { ...TOPIC, message: 'missed' });
  const again = await openV1(session);
  await ask(again, subscriptionsText([TOPIC], { id: 'r', resume: [{ ...TOPIC, ...position }] }));
  await again.next();
  await post(session, { ...TOPIC, filters: { values: '2' }, message: 'over HTTP' });
  await Promise.all([base.next(), again.next()]);
  await post(session, { package: 'shop' });
  await ask(again, subscriptionsText([{ package: 'shop' }], { id: 'bad' }));
  again.send(publication({ ...TOPIC, filters: { values: '2' }, message: 'of a peer' }, { id: 'n' }));
  await Promise.all([again.next(), base.next()]);
  await again.next();
  base.send('{"sender":"nobody"}');
  await base.closed;
  await session.seen((event) => event.kind === 'closing' && event.code === 4400);
}

describe('a recorded session', () => {
  it('passes when all of it is done again, with its pauses or without', async () => {
    const events = await recordSession(wholeSession);
    expect((await replay(fileOf(events))).outcome).toEqual({ kind: 'passed' });
    const timed = fileOf(events, true);
    expect((await replay(timed)).outcome).toEqual({ kind: 'passed' });
  });

  it('rewinds again what was rewound in it', async () => {
    const events = await recordSession(async (session) => {
      for (const message of ['one', 'two', 'three']) await publish(session, { ...TOPIC, message });
      const peer = await openV1(session);
      await ask(peer, subscriptionsText([{ ...TOPIC, rewind: 2 }], { id: 's' }));
      await peer.next();
      await peer.next();
      await publish(session, { ...TOPIC, message: 'live' });
      await peer.next();
    });
    const text = fileOf(events);
    expect(text).toContain('rewind: 2');
    expect((await replay(text)).outcome).toEqual({ kind: 'passed' });
    expect((await replay(text.replace('rewind: 2', 'rewind: 1'))).outcome.kind).toBe('failed');
  });

  it.each([
    ['a close code', 'code: 4400', 'code: 4403'],
    ['a status', 'status: 400', 'status: 415'],
    ['how much was replayed', 'replayed: 1', 'replayed: 2'],
    ['the path of an error', '/subscriptions/0/page', '/subscriptions/1/page'],
    ['who receives', '"message":"for both"', '"message":"for both","page":"others"'],
  ])('fails when the server does otherwise: %s', async (_, recorded, altered) => {
    const file = fileOf(await recordSession(wholeSession));
    expect(file).toContain(recorded);
    expect((await replay(file.replace(recorded, altered))).outcome.kind).toBe('failed');
  });

  it('is not written when nothing was seen', async () => {
    expect(() => {
      fileOf([]);
    }).toThrow('nothing was recorded');
  });

  it('names packages so that runs stay apart, and leaves everything else as it was', async () => {
    const text = `{"package":"one","page":"a b","data":{"package":"one","price":"\${5}","n":1.50}}`;
    const file = fileOf(
      await recordSession(async (session) => {
        const peer = await open(session);
        await subscribe(peer, [
          { package: 'one', page: 'a b' },
          { package: 'two', page: 'messages' },
        ]);
        await publish(session, text);
        await peer.next();
        await publish(session, { package: 'two', page: 'messages' });
        await peer.next();
      }),
    );
    expect(file).toContain(`{"package":"\${package}","page":"a b","data":{"package":"one","price":"$\${5}","n":1.50}}`);
    expect(file).toContain(`{"package":"\${package}-2","page":"messages"}`);
    expect((await replay(file)).outcome).toEqual({ kind: 'passed' });
  });

  it('shows no token of a header, a query, a subprotocol or a message', async () => {
    const file = fileOf(
      await recordSession(async (session) => {
        const headers = { Authorization: 'Bearer secret-1', Cookie: 'secret-2', 'X-Api-Key': 'secret-8' };
        await using peer = await open(session, {
          path: '/ws?token=secret-3&a=b&%74oken=secret-9',
          headers,
          subprotocols: ['wsn.v1', 'wsn.token.secret-4'],
        });
        await peer.next();
        await ask(peer, '{"sender":"client","id":"1","token":"secret-5"}');
        await ask(peer, '{"sender":"client","id":"2","subscriptions":[],"token":"secret-6"}');
        await ask(peer, String.raw`{"sender":"client","id":"3","\u0074o\u006Ben":"secret-10"}`);
        peer.frame({ opcode: OPCODE.binary, payload: '{"sender":"client","token":"secret-11"}' });
        await peer.closed;
        await post(session, TOPIC, { authorization: 'Bearer secret-7' });
        await post(session, TOPIC, { 'x-api-key': 'secret-12' });
      }),
    );
    expect(file).not.toContain('secret');
    expect(file).not.toContain(Buffer.from('secret').toString('hex'));
    expect(file).toContain('/ws?a=b');
    expect(file).toContain('wsn test --token');
    expect((await replay(file)).outcome).toEqual({ kind: 'passed' });
  });
});

const SESSIONS: readonly (readonly [string, (session: Session, direct: Pick<Session, 'port'>) => Promise<void>])[] = [
  [
    'notifications that were published elsewhere, for two clients',
    async (session, direct) => {
      const peers = [await open(session), await open(session)];
      for (const peer of peers) await subscribe(peer, [TOPIC]);
      await publish(direct, { ...TOPIC, data: 1 });
      await publish(direct, { ...TOPIC, data: 1 });
      for (const peer of [...peers, ...peers]) await peer.next();
    },
  ],
  [
    'a resume from a position that was seen before the recording',
    async (session, direct) => {
      const before = await openV1(direct);
      await ask(before, subscriptionsText([TOPIC]));
      await publish(direct, { ...TOPIC, data: 1 });
      const { position } = JSON.parse(await before.next()) as { position: object };
      await before[Symbol.asyncDispose]();
      await publish(session, { ...TOPIC, data: 2 });
      await publish(direct, { ...TOPIC, data: 3 });
      const peer = await openV1(session);
      await ask(peer, subscriptionsText([TOPIC], { resume: [{ ...TOPIC, ...position }] }));
      await peer.next();
      await peer.next();
      await publish(session, { ...TOPIC, data: 4 });
      await peer.next();
    },
  ],
  [
    'a resume with an epoch that is not known',
    async (session) => {
      const peer = await openV1(session);
      await ask(peer, subscriptionsText([TOPIC], { id: '1', resume: [{ ...TOPIC, epoch: 'old', offset: 7 }] }));
    },
  ],
  [
    'a resume from a receipt',
    async (session) => {
      const peer = await openV1(session);
      const { receipt } = JSON.parse(await ask(peer, publication(TOPIC))) as { receipt: { position: object } };
      await publish(session, { ...TOPIC, message: 'behind it' });
      await ask(peer, subscriptionsText([TOPIC], { resume: [{ ...TOPIC, ...receipt.position }] }));
      await peer.next();
    },
  ],
  [
    'the same notification before and after a subscription',
    async (session) => {
      await publish(session, TOPIC);
      const peer = await open(session);
      await subscribe(peer, [TOPIC]);
      await publish(session, TOPIC);
      await peer.next();
      await publish(session, TOPIC);
      await peer.next();
      await subscribe(peer, []);
      await publish(session, TOPIC);
    },
  ],
  [
    'a client that subscribes and publishes',
    async (session) => {
      const peer = await open(session);
      await subscribe(peer, [TOPIC]);
      peer.send(publication(TOPIC));
      await peer.next();
      await peer.closed;
    },
  ],
  [
    'a publisher that sends several and closes by itself',
    async (session) => {
      const subscribed = await open(session);
      await subscribe(subscribed, [TOPIC]);
      await using peer = await open(session);
      for (const data of [1, 2, 3]) peer.send(publication({ ...TOPIC, data }));
      peer.frame({ opcode: OPCODE.close });
      for (let count = 0; count < 3; count++) await subscribed.next();
      await peer.closed;
    },
  ],
  [
    'subscriptions that JSON values would change',
    async (session) => {
      const peer = await open(session);
      peer.send(
        '{"sender":"client","subscriptions":[{"package":"shop","page":"orders","filters":{"id":12345678901234567890},"filters":{"id":85.0}}]}',
      );
      await peer.barrier();
      await publish(session, { ...TOPIC, filters: { id: '85' } });
      await peer.next();
      peer.send('{"sender":"client","more":1,"subscriptions":[{"package":"shop","page":"orders","note":"$absent"}]}');
      await peer.barrier();
      await publish(session, TOPIC);
      await peer.next();
    },
  ],
  [
    'a list over HTTP, a wrapped one, a key, and a look at its health',
    async (session) => {
      const peer = await open(session);
      await subscribe(peer, [TOPIC]);
      await post(session, {
        notifications: [
          { ...TOPIC, data: 1 },
          { ...TOPIC, data: { $any: 1 } },
        ],
      });
      await post(session, { sender: 'server', notification: { ...TOPIC, data: 3 } });
      for (let count = 0; count < 3; count++) await peer.next();
      await post(session, TOPIC, { 'idempotency-key': 'k' });
      await askHttp({ port: session.port } as Parameters<typeof askHttp>[0], {
        method: 'GET',
        path: '/healthz',
        headers: { 'content-type': undefined },
      });
    },
  ],
  [
    'a page that may not publish, by WebSocket and HTTP',
    async (session) => {
      const peer = await open(session, { headers: { Origin: 'http://page.example' } });
      peer.send(publication(TOPIC));
      await peer.closed;
      await post(session, TOPIC, { origin: 'http://page.example' });
    },
  ],
  [
    'errors that answer publications, and messages that are no JSON',
    async (session) => {
      const peer = await openV1(session);
      await ask(peer, publication(TOPIC, { id: '1', key: 'k' }));
      await ask(peer, publication({ package: 'shop' }, { id: '2' }));
      await ask(peer, 'no JSON');
      const base = await open(session);
      base.send(publication('{"package":"shop","package":"shop","page":"q"}'));
      await base.closed;
    },
  ],
  [
    'frames that are no text',
    async (session) => {
      for (const frame of [
        { opcode: OPCODE.binary, payload: 'x' },
        { opcode: OPCODE.text, payload: '{}', rsv: 4 },
        { opcode: OPCODE.text, payload: '{}', mask: false },
        { opcode: OPCODE.text, payload: Buffer.from([0xff]) },
        { opcode: OPCODE.ping, payload: 'x', fin: false },
      ]) {
        await using peer = await open(session);
        peer.frame(frame);
        await peer.closed;
      }
    },
  ],
  [
    'fragments, and a client that vanishes',
    async (session) => {
      const peer = await open(session);
      const text = subscriptionsText([TOPIC]);
      peer.frame({ opcode: OPCODE.text, payload: text.slice(0, 9), fin: false });
      peer.frame({ opcode: OPCODE.ping, payload: 'between' });
      peer.frame({ opcode: OPCODE.continuation, payload: text.slice(9) });
      await peer.barrier();
      await publish(session, TOPIC);
      await peer.next();
      peer.destroy();
      await session.seen((event) => event.kind === 'ended' && event.line === 1);
      await publish(session, TOPIC);
    },
  ],
  [
    'sets and notifications that are under way at the same time',
    async (session) => {
      const subscribed = await open(session);
      const publishing = await openV1(session);
      for (let round = 1; round <= 30; round++) {
        const wanted = round % 2 === 0 ? [] : [TOPIC];
        if (round % 3 === 0) subscribed.send(subscriptionsText(wanted));
        publishing.send(publication({ ...TOPIC, data: round }));
        if (round % 3 === 1) subscribed.send(subscriptionsText(wanted));
        await using publisher = await open(session);
        publisher.send(publication({ ...TOPIC, data: -round }));
        if (round % 3 === 2) subscribed.send(subscriptionsText(wanted));
        await publisher.closed;
      }
      await publishing.barrier();
      await subscribed.barrier();
    },
  ],
  [
    'handshakes that are refused, and one with a message behind it',
    async (session) => {
      await expect(open(session, { headers: { 'Sec-WebSocket-Version': '8' } })).rejects.toThrow('426');
      await expect(open(session, { headers: { 'Sec-WebSocket-Version': undefined } })).rejects.toThrow('400');
      await expect(open(session, { headers: { 'Sec-WebSocket-Key': 'short' } })).rejects.toThrow('400');
      await expect(open(session, { method: 'PUT' })).rejects.toThrow('400');
      const glued = writeFrame({ opcode: OPCODE.text, payload: publication(TOPIC) });
      await using peer = await open(session, { glued });
      await peer.closed;
    },
  ],
];

describe('passes when it is done again:', () => {
  it.each(SESSIONS)('%s', async (_, act) => {
    const file = fileOf(await recordSession((session, broker) => act(session, broker)));
    const { outcome } = await replay(file);
    expect(outcome, file).toEqual({ kind: 'passed' });
  });
});

describe('the recorder', () => {
  it('changes nothing of what passes', async () => {
    await recordSession(async (session, broker) => {
      const through = await open(session);
      const direct = await open(broker);
      for (const peer of [through, direct]) await subscribe(peer, [TOPIC]);
      await publishTo(broker, '{ "package":"shop", "page":"orders", "n": 85.0 }');
      expect(await through.next()).toBe(await direct.next());
    });
  });

  it('tells a client that cannot be served so', async () => {
    await recordSession(async (session, broker) => {
      await broker.close();
      await expect(open(session)).rejects.toThrow('502');
      expect((await post(session, TOPIC).catch(() => ({ status: 502 }))).status).toBe(502);
    });
  });

  it('ends though the server has not answered a request', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const recorder = await startRecorder({ url: `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`, port: 0 });
    const answer = fetch(`http://127.0.0.1:${recorder.port}/healthz`).catch((error: Error) => error);
    await expect.poll(() => sockets.some(({ bytesRead }) => bytesRead > 0)).toBe(true);
    await recorder[Symbol.asyncDispose]();
    expect(await answer).toBeInstanceOf(Error);
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
    silent.close();
  });

  it('passes on the end of a client to the server at once', async () => {
    await recordSession(async (session, broker) => {
      const peer = await open(session);
      await peer.barrier();
      peer.destroy();
      await expect.poll(() => broker.stats().peers).toBe(0);
      const socket = connectTcp(session.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    });
  });
});
