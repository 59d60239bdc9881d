import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../../src/peer/index.js';
import type { Broker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { type Answered, askHttp } from '../../support/http.js';
import { connect, connectV1, nextData, notice, publication, publish, said, subscriber, TOPIC } from '../../support/peers.js';
import { signWith } from '../identity/support.js';

/** A burst is ten at least, and at one a second each more takes a second. */
const BURST = 10;
const REASON = 'too many publications: at most 1 a second; try again in 1 s';
const SECRET = 'a secret of thirty-two bytes or more';
const ELSEWHERE = { localAddress: '127.0.0.2' };

/** A broker with the keys `a`, `b` and `c`, each called by its name, at one publication a second. */
function startBrokerWithKeys(): Promise<Broker> {
  const apiKeys = ['a', 'b', 'c'].map((name) => ({ name, sha256: createHash('sha256').update(name).digest('hex') }));
  return startTestBroker({ publishesPerSecond: 1, anonymousSubscribe: 'all', apiKeys });
}

function withKey(name: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'X-Api-Key': name } };
}

/** What the back-end does, with a key: open, send, wait for the close; returns code and reason. */
async function publishWith(broker: Broker, name: string, data: number): Promise<readonly [number, string]> {
  await using peer = await connect(broker, withKey(name));
  peer.send(publication(notice(data)));
  const { code, reason } = await peer.closed;
  return [code, reason];
}

function post(broker: Broker, name: string, body: object): Promise<Answered> {
  return askHttp(broker, { ...withKey(name), body: JSON.stringify(body) });
}

/** Fails when the peer heard anything else. */
async function expectHeard(peer: Peer, data: readonly number[]): Promise<void> {
  for (const each of data) expect(await nextData(peer)).toBe(each);
}

const FIRST = Array.from({ length: BURST }, (_, index) => index);
const aSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000));

describe('publications beyond publishesPerSecond', () => {
  it('close a base publisher with 4429 and a wait that is true, whichever connection they come on (R-7.6)', async () => {
    await using broker = await startBrokerWithKeys();
    await using healthy = await subscriber(broker, [TOPIC]);
    for (const data of FIRST) expect(await publishWith(broker, 'a', data)).toEqual([1000, '']);
    expect(await publishWith(broker, 'a', -1)).toEqual([4429, REASON]);
    expect(await publishWith(broker, 'b', BURST)).toEqual([1000, '']);
    await aSecond();
    expect(await publishWith(broker, 'a', BURST + 1)).toEqual([1000, '']);
    await expectHeard(healthy, [...FIRST, BURST, BURST + 1]);
  });

  it('close a v1 publisher with 4429 behind the receipts of those before, with a wait that is true (R-7.6)', async () => {
    await using broker = await startBrokerWithKeys();
    await using healthy = await subscriber(broker, [TOPIC]);
    await using peer = await connectV1(broker, withKey('a'));
    for (const data of [...FIRST, -1]) peer.send(publication(notice(data)));
    for (const _ of FIRST) expect(await said(peer)).toHaveProperty('receipt');
    expect(await peer.closed).toMatchObject({ code: 4429, reason: REASON });
    await aSecond();
    await using again = await connectV1(broker, withKey('a'));
    again.send(publication(notice(BURST)));
    expect(await said(again)).toHaveProperty('receipt');
    await expectHeard(healthy, [...FIRST, BURST]);
  });

  it('over HTTP are answered 429 with a Retry-After that is true, and a list counts whole (R-7.6)', async () => {
    await using broker = await startBrokerWithKeys();
    await using healthy = await subscriber(broker, [TOPIC]);
    expect((await post(broker, 'a', { notifications: FIRST.map((data) => notice(data)) })).status).toBe(200);
    const { status, headers, json } = await post(broker, 'a', notice(-1));
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    expect(json).toMatchObject({ code: 'too-many', detail: REASON });
    expect((await post(broker, 'a', { notifications: [notice(-1), notice(-2)] })).headers['retry-after']).toBe('2');
    expect((await post(broker, 'b', notice(BURST))).status).toBe(200);
    await aSecond();
    expect((await post(broker, 'a', notice(BURST + 1))).status).toBe(200);
    await expectHeard(healthy, [...FIRST, BURST, BURST + 1]);
  });

  it('are counted by the key alone, on whichever way they come, and what is refused counts nothing (R-7.6)', async () => {
    await using broker = await startBrokerWithKeys();
    for (const data of FIRST)
      expect((await post(broker, 'a', data === 0 ? { package: '' } : notice(data))).status).toBe(data === 0 ? 400 : 200);
    expect(await publishWith(broker, 'a', BURST)).toEqual([1000, '']);
    expect((await publishWith(broker, 'a', -1))[0]).toBe(4429);
    await using elsewhere = await connect(broker, { ...ELSEWHERE, ...withKey('a') });
    elsewhere.send(publication(notice(-1)));
    expect((await elsewhere.closed).code).toBe(4429);
  });

  it('are told apart by their addresses when they have no key (R-7.6)', async () => {
    await using broker = await startTestBroker({ publishesPerSecond: 1 });
    for (const data of FIRST) expect((await publish(broker, notice(data))).code).toBe(1000);
    expect((await publish(broker, notice(-1))).code).toBe(4429);
    await using elsewhere = await connect(broker, ELSEWHERE);
    elsewhere.send(publication(notice(BURST)));
    expect((await elsewhere.closed).code).toBe(1000);
  });

  it('are told apart by their addresses when their tokens name no subject, else by that (R-7.6)', async () => {
    await using broker = await startTestBroker({ publishesPerSecond: 1, authSecret: SECRET });
    const bearing = async (sub: object): Promise<object> => {
      const token = await signWith(SECRET, { ...sub, wsn: { publish: [{ package: '*', page: '*' }] } });
      return { headers: { Authorization: `Bearer ${token}` } };
    };
    for (const [sub, elsewhere] of [
      [{}, 1000],
      [{ sub: 'token' }, 4429],
    ] as const) {
      await using here = await connectV1(broker, await bearing(sub));
      for (const data of [...FIRST, -1]) here.send(publication(notice(data)));
      for (const _ of FIRST) expect(await said(here)).toHaveProperty('receipt');
      expect((await here.closed).code).toBe(4429);
      await using other = await connect(broker, { ...ELSEWHERE, ...(await bearing(sub)) });
      other.send(publication(notice(BURST)));
      expect((await other.closed).code).toBe(elsewhere);
    }
  });

  it('wait until a list that was longer than a burst is paid for (R-7.6)', async () => {
    await using broker = await startBrokerWithKeys();
    const notifications = Array.from({ length: BURST + 2 }, (_, data) => notice(data));
    expect((await post(broker, 'c', { notifications })).status).toBe(200);
    expect((await post(broker, 'c', notice(-1))).headers['retry-after']).toBe('3');
  });
});

describe('publications that are accepted', () => {
  it('are none of the messages that messagesPerSecond counts, those that are refused are (R-7.6)', async () => {
    await using broker = await startTestBroker({ messagesPerSecond: 5 });
    await using peer = await connectV1(broker);
    for (let data = 0; data < 30; data++) peer.send(publication(notice(data)));
    for (let data = 0; data < 30; data++) expect(await said(peer)).toHaveProperty('receipt');
    for (let count = 0; count <= BURST; count++) peer.send(publication({ package: '' }));
    for (let count = 0; count < BURST; count++) expect(await said(peer)).toHaveProperty('error');
    expect(await peer.closed).toMatchObject({ code: 4429, reason: 'too many messages: at most 5 a second; try again in 1 s' });
  });
});
