import { describe, expect, test } from 'vitest';
import { OPCODE } from '../../../src/peer/index.js';
import { startTestBroker } from '../../support/broker.js';
import { connectV1, EVERYTHING, notice, publication, subscriptionsText } from '../../support/peers.js';
import { serveWeb } from '../identity/support.js';
import { ALL, authenticate, deferred, ON, subscribeV1, tokenOf } from './support.js';

const HEARS = { subscribe: ALL };

/** What does not say who a peer is, and how its connection ends. */
const FIRST: readonly (readonly [what: string, message: string, code: number])[] = [
  ['subscriptions', subscriptionsText(EVERYTHING), 4401],
  ['an empty set of subscriptions', subscriptionsText([]), 4401],
  ['a notification', publication(notice(1)), 4401],
  ['a text that is not JSON', '{', 4401],
  ['a message of no known kind', '{"sender":"client"}', 4401],
  ['an empty token', '{"sender":"client","token":""}', 4401],
  ['a token that is a number', '{"sender":"client","token":5}', 4401],
  ['a token that is none', '{"sender":"client","token":"abc"}', 4401],
  ['a token with a key beside', '{"sender":"client","token":"abc","subscriptions":[]}', 4401],
];

describe('a v1 peer without a token', () => {
  test.each(FIRST)('is closed when its first message is %s (R-7.2)', async (_, message, code) => {
    await using broker = await startTestBroker(ON);
    await using peer = await connectV1(broker);
    peer.send(message);
    expect((await peer.closed).code).toBe(code);
    expect(broker.stats()).toMatchObject({ published: 0 });
  });

  test('is closed when its first message is binary (R-2.1)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await connectV1(broker);
    peer.frame({ opcode: OPCODE.binary, payload: 'token' });
    expect((await peer.closed).code).toBe(1003);
  });

  test('may ping, and hears a hello and marks, but no notification (R-7.2)', async () => {
    await using broker = await startTestBroker({ ...ON, pingIntervalMs: 20 });
    await using peer = await connectV1(broker);
    await peer.barrier();
    expect(JSON.parse(await peer.next())).toEqual({ sender: 'server', mark: [] });
  });

  test('is closed with 4408 when no token came in time, whatever else it did (R-7.2)', async () => {
    await using broker = await startTestBroker({ ...ON, firstMessageTimeoutMs: 100 });
    await using peer = await connectV1(broker);
    await peer.barrier();
    const { code, reason } = await peer.closed;
    expect({ code, reason }).toEqual({ code: 4408, reason: 'no token came within 100 ms' });
  });

  test('has all the time of its token once that came in time (R-7.2)', async () => {
    await using broker = await startTestBroker({ ...ON, firstMessageTimeoutMs: 100 });
    await using peer = await connectV1(broker);
    await authenticate(peer, await tokenOf(HEARS));
    await using other = await connectV1(broker);
    expect((await other.closed).code).toBe(4408);
    expect(await subscribeV1(peer)).toHaveProperty('subscribed');
  });

  test('whose token came in time is not closed because the back-end takes longer (R-7.2)', async () => {
    const [asked, answer] = [deferred(), deferred()];
    await using hook = await serveWeb(async (response) => {
      asked.resolve();
      await answer.promise;
      response.end(JSON.stringify({ wsn: HEARS }));
    });
    await using broker = await startTestBroker({ authorizeUrl: hook.url, firstMessageTimeoutMs: 100 });
    await using peer = await connectV1(broker);
    peer.send('{"sender":"client","token":"abc"}');
    await asked.promise;
    await using other = await connectV1(broker);
    expect((await other.closed).code).toBe(4408);
    answer.resolve();
    expect(JSON.parse(await peer.next())).toEqual({ sender: 'server', authenticated: {} });
    expect(await subscribeV1(peer)).toHaveProperty('subscribed');
  });

  test.each([
    [401, 4401],
    [403, 4403],
    [500, 1013],
  ])('is closed as the handshake would be refused: when the back-end answers %d with %d (R-7.2)', async (status, code) => {
    await using hook = await serveWeb((response) => {
      response.statusCode = status;
      response.end();
    });
    await using broker = await startTestBroker({ authorizeUrl: hook.url });
    await using peer = await connectV1(broker);
    peer.send('{"sender":"client","token":"abc"}');
    expect((await peer.closed).code).toBe(code);
  });
});
