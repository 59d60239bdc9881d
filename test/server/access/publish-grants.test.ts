import { describe, expect, test } from 'vitest';
import type { Broker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { type Answered, askHttp } from '../../support/http.js';
import { ask, connect, nextData, notice, publication, subscriber } from '../../support/peers.js';
import { ALL, bearing, channel, granted, ON, publishWithKey, tokenOf } from './support.js';

const PUBLISHES_2 = { publish: [channel('2')] };
const MINE = notice('mine', { values: '2' });
const OTHERS = notice('others', { values: '3' });

/** A broker that takes notifications of channel 2 from its publisher, and what everybody hears. */
async function scene() {
  const broker = await startTestBroker(ON);
  const witness = await subscriber(broker, undefined, bearing(await tokenOf({ subscribe: ALL })));
  return {
    broker,
    token: await tokenOf(PUBLISHES_2),
    /** What has gone out so far, behind what this was called before. */
    async heard(): Promise<unknown[]> {
      await publishWithKey(broker, notice('fence'));
      const all: unknown[] = [];
      while (all.at(-1) !== 'fence') all.push(await nextData(witness));
      return all.slice(0, -1);
    },
    async [Symbol.asyncDispose]() {
      await witness[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}

function send(broker: Broker, token: string, body: object): Promise<Answered> {
  return askHttp(broker, { headers: bearing(token).headers as Record<string, string>, body: JSON.stringify(body) });
}

describe('a publisher whose grants cover some of it', () => {
  test('of the base protocol gets 1000 for that, and 4403 for the rest (R-7.3)', async () => {
    await using scenery = await scene();
    for (const [notification, code] of [
      [MINE, 1000],
      [OTHERS, 4403],
    ] as const) {
      await using peer = await connect(scenery.broker, bearing(scenery.token));
      peer.send(publication(notification));
      const closed = await peer.closed;
      expect(closed.code).toBe(code);
      if (code === 4403) expect(closed.reason).toBe('/notification: no grant of this peer lets it publish this');
    }
    expect(await scenery.heard()).toEqual(['mine']);
  });

  test('of wsn.v1 gets an error for each that is not covered, and a receipt for the others (R-7.3)', async () => {
    await using scenery = await scene();
    await using peer = await granted(scenery.broker, PUBLISHES_2);
    for (const [id, notification] of [MINE, OTHERS, MINE].entries()) peer.send(publication(notification, { id: String(id) }));
    const answers = [await peer.next(), await peer.next(), await peer.next()].map((text) => JSON.parse(text) as object);
    expect(answers).toMatchObject([
      { id: '0', receipt: {} },
      { id: '1', error: { code: 'forbidden', path: '/notification', retry: false } },
      { id: '2', receipt: {} },
    ]);
    expect(await scenery.heard()).toEqual(['mine', 'mine']);
  });

  test('over HTTP gets 403 with the place of the first that is not covered, and nothing is sent (R-6.2, R-7.3)', async () => {
    await using scenery = await scene();
    const { broker, token } = scenery;
    expect(await send(broker, token, { notifications: [MINE, OTHERS, MINE, OTHERS] })).toMatchObject({
      status: 403,
      headers: { 'content-type': 'application/problem+json' },
      json: { status: 403, code: 'forbidden', pointer: '/notifications/1' },
    });
    expect(await send(broker, token, OTHERS)).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect((await send(broker, token, OTHERS)).json).not.toHaveProperty('pointer');
    expect(await send(broker, token, { sender: 'server', notification: OTHERS })).toMatchObject({
      status: 403,
      json: { pointer: '/notification' },
    });
    expect(await scenery.heard()).toEqual([]);
    expect((await send(broker, token, { notifications: [MINE, MINE] })).status).toBe(200);
    expect(await scenery.heard()).toEqual(['mine', 'mine']);
  });

  test('over HTTP is told first what is wrong with the body, and with the request before that (R-6.1)', async () => {
    await using scenery = await scene();
    const { broker, token } = scenery;
    expect((await send(broker, token, { notifications: [OTHERS, { package: 'p' }] })).status).toBe(400);
    const headers = { ...bearing(token).headers, 'Content-Type': 'text/plain' };
    expect((await askHttp(broker, { headers, body: JSON.stringify(OTHERS) })).status).toBe(415);
    expect((await askHttp(broker, { headers: { ...headers, Authorization: 'Bearer abc' } })).status).toBe(401);
    expect((await askHttp(broker, { headers: { ...headers, Origin: 'null', Authorization: 'Bearer abc' } })).status).toBe(403);
    expect((await askHttp(broker, { method: 'GET', headers: { Origin: 'null' } })).status).toBe(405);
  });

  test.each([
    ['the wildcard', true, '7', true],
    ['a value that has to be equal', '2', '02', false],
    ['several names', { channel: ['2'], line: true }, { channel: '2' }, false],
    ['several names, all there', { channel: ['2'], line: true }, { channel: '2', line: 1, more: 1 }, true],
    ['a list of which one fits', ['2', '3'], ['9', '3'], true],
  ])('is judged as a subscription would be: %s (R-7.3, R-3.2)', async (_, wanted, given, isCovered) => {
    await using broker = await startTestBroker(ON);
    await using peer = await granted(broker, { publish: [{ package: 'amaiia_msg_srv', page: '*', filters: { values: wanted } }] });
    const answer = await ask(peer, JSON.parse(publication(notice(1, { values: given }))) as object);
    expect(Object.keys(answer)).toContain(isCovered ? 'receipt' : 'error');
  });
});
