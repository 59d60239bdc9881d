import { describe, expect, test, vi } from 'vitest';
import { closePayload, OPCODE } from '../../../src/peer/index.js';
import { startTestBroker } from '../../support/broker.js';
import { recordingLog } from '../../support/log.js';
import {
  ask,
  connect,
  connectV1,
  EVERYTHING,
  nextData,
  notice,
  publication,
  type Said,
  said,
  subscriber,
  subscriptionsText,
} from '../../support/peers.js';
import { ALL, authenticate, bearing, channel, deferred, granted, ON, publishWithKey, subscribeV1, tokenOf } from './support.js';

/** For `exp`, so near that a test can wait for it. */
function soon(ms: number): number {
  return (Date.now() + ms) / 1000;
}

const HEARS = { subscribe: ALL };

describe('the end of a token', () => {
  test.each(['base', 'v1'])('closes a %s peer with 4401, behind all that was published before (R-7.4)', async (dialect) => {
    const log = recordingLog();
    await using broker = await startTestBroker({ ...ON, log });
    const exp = soon(1000);
    const token = await tokenOf(HEARS, { exp });
    const subprotocols = dialect === 'v1' ? ['wsn.v1'] : [];
    await using peer = await subscriber(broker, EVERYTHING, { ...bearing(token), subprotocols });
    await publishWithKey(broker, ...Array.from({ length: 100 }, (_, index) => notice(index)));
    const { code, reason } = await peer.closed;
    expect({ code, reason }).toEqual({ code: 4401, reason: 'the token has expired' });
    expect(Date.now()).toBeGreaterThan(exp * 1000 - 50);
    const heard = peer.inbox.map((text) => (JSON.parse(text) as Said).notification?.data).filter((data) => data !== undefined);
    expect(heard).toEqual(Array.from({ length: 100 }, (_, index) => index));
    await vi.waitFor(() => {
      expect(log.find('disconnected')).toMatchObject({ code: 4401, reason: 'the token has expired', by: 'broker' });
    });
  });

  test('ends what its peer may publish, also before the peer has answered the close (R-7.4)', async () => {
    await using broker = await startTestBroker(ON);
    await using witness = await granted(broker, HEARS);
    await subscribeV1(witness);
    const closed = deferred();
    const token = await tokenOf({ publish: ALL }, { exp: soon(200) });
    await using peer = await connect(broker, {
      ...bearing(token),
      answerClose: false,
      onFrame: ({ opcode }) => opcode === OPCODE.close && closed.resolve(),
    });
    await closed.promise;
    peer.send(publication(notice('too late')));
    peer.frame({ opcode: OPCODE.close, payload: closePayload(4401) });
    expect((await peer.closed).code).toBe(4401);
    await publishWithKey(broker, notice('fence'));
    expect(await nextData(witness)).toBe('fence');
  });

  test('of the tolerance is none: it is for verifying alone (R-7.2, R-7.4)', async () => {
    await using broker = await startTestBroker({ ...ON, authClockToleranceMs: 60_000 });
    await using peer = await connect(broker, bearing(await tokenOf(HEARS, { exp: soon(-1000) })));
    expect((await peer.closed).code).toBe(4401);
    await using inBand = await connectV1(broker);
    inBand.send(JSON.stringify({ sender: 'client', token: await tokenOf(HEARS, { exp: soon(-1000) }) }));
    expect(await inBand.closed).toMatchObject({ code: 4401, reason: 'the token has expired' });
  });
});

describe('a fresh token', () => {
  test('keeps a connection beyond the end of the one before (R-7.4)', async () => {
    await using broker = await startTestBroker(ON);
    const exp = soon(1000);
    await using kept = await granted(broker, HEARS, { exp });
    await using other = await granted(broker, HEARS, { exp });
    await subscribeV1(kept);
    const until = Math.floor(Date.now() / 1000) + 3600;
    expect(await authenticate(kept, await tokenOf(HEARS, { exp: until }))).toEqual({
      sender: 'server',
      id: 'token',
      authenticated: { expiresAt: until * 1000 },
    });
    expect((await other.closed).code).toBe(4401);
    await publishWithKey(broker, notice('after'));
    expect(await nextData(kept)).toBe('after');
  });

  test('may end before the one before, or never (R-7.4)', async () => {
    await using broker = await startTestBroker(ON);
    await using sooner = await granted(broker, HEARS);
    await using never = await granted(broker, HEARS, { exp: soon(1000) });
    expect(await authenticate(never, await tokenOf(HEARS, { exp: undefined }))).toMatchObject({ authenticated: {} });
    await authenticate(sooner, await tokenOf(HEARS, { exp: soon(200) }));
    expect((await sooner.closed).code).toBe(4401);
    await never.barrier();
  });

  test.each([
    ['narrows', [channel('1', '2')], [channel('1')]],
    ['widens', [channel('1')], [channel('1', '2')]],
    ['replaces', [channel('2')], [channel('1')]],
  ])(
    'that %s the grants while 1,000 notifications go out counts from its answer on: no hole, no excess (R-7.3, R-7.4)',
    async (_, before, after) => {
      await using broker = await startTestBroker(ON);
      await using peer = await granted(broker, { subscribe: before });
      await subscribeV1(peer);
      const next = await tokenOf({ subscribe: [...after, channel('fence')] });
      await using publisher = await granted(broker, { publish: ALL }, { sub: 'publisher' });
      for (let data = 1; data <= 1000; data++) {
        publisher.send(publication(notice(data, { values: String(1 + (data % 2)) })));
        if (data === 500) peer.send(JSON.stringify({ sender: 'client', token: next }));
        // A turn of the event loop now and then: the token comes in the middle, wherever that is.
        if (data % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const heard = { before: [] as number[], after: [] as number[] };
      let of: keyof typeof heard = 'before';
      for (let receipts = 0; receipts < 1000; receipts++) await publisher.next({ timeoutMs: 15_000 });
      publisher.send(publication(notice('fence', { values: 'fence' })));
      for (;;) {
        const message = await said(peer);
        if (message.authenticated !== undefined) of = 'after';
        else if (message.notification?.data === 'fence') break;
        else heard[of].push(message.position?.offset as number);
      }
      expect(of).toBe('after');
      const grants = (granted: typeof before) => (offset: number) =>
        granted.some(({ filters }) => JSON.stringify(filters).includes(`"${1 + (offset % 2)}"`));
      const offsets = Array.from({ length: 1000 }, (_, index) => index + 1);
      const expected = (split: number) => [
        offsets.filter((offset) => offset <= split && grants(before)(offset)),
        offsets.filter((offset) => offset > split && grants(after)(offset)),
      ];
      // Where it took effect is not known, but it is one place, and between two neighbours that were heard.
      const [last = 0, first = 1001] = [heard.before.at(-1), heard.after[0]];
      const splits = offsets.slice(last, first).concat(last, first - 1);
      const fits = splits.map(expected).some((one) => JSON.stringify(one) === JSON.stringify([heard.before, heard.after]));
      expect(fits, `heard ${heard.before.length} before, up to ${last}, and ${heard.after.length} from ${first} on`).toBe(true);
    },
  );

  test('of another subject is forbidden, and the one before stays (R-5.10)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await granted(broker, { subscribe: [channel('2')] });
    await subscribeV1(peer);
    expect(await authenticate(peer, await tokenOf(HEARS, { sub: '6' }))).toMatchObject({
      id: 'token',
      error: { code: 'forbidden', path: '/token', retry: false },
    });
    await publishWithKey(broker, notice(1, { values: '1' }), notice(2, { values: '2' }));
    expect(await nextData(peer)).toBe(2);
  });

  test('does not make a token of a key (R-5.10)', async () => {
    await using broker = await startTestBroker(ON);
    const { name } = ON.apiKeys[0];
    await using peer = await connectV1(broker, { headers: { 'X-Api-Key': 'f3b0c44298fc1c149afbf4c8996fb924' } });
    expect(await authenticate(peer, await tokenOf(HEARS, { sub: `key:${name}` }))).toMatchObject({ error: { code: 'forbidden' } });
  });

  test('that is bad is an error, and the one before stays, with its end (R-5.10, R-7.4)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await granted(broker, HEARS, { exp: soon(1000) });
    await subscribeV1(peer);
    for (const bad of [
      await tokenOf(HEARS, { exp: soon(-1000) }),
      await tokenOf(HEARS, { exp: soon(-60_000) }),
      await tokenOf(HEARS, {}, 'another secret, 32 bytes or more'),
      'abc',
    ]) {
      expect(await authenticate(peer, bad)).toMatchObject({ id: 'token', error: { code: 'unauthenticated' } });
    }
    await publishWithKey(broker, notice('still'));
    expect(await nextData(peer)).toBe('still');
    expect((await peer.closed).code).toBe(4401);
  });

  test('leaves a subscription that it does not cover without a sound, and the next one brings it back (R-7.3)', async () => {
    await using broker = await startTestBroker(ON);
    await using peer = await granted(broker, HEARS);
    await subscribeV1(peer);
    await authenticate(peer, await tokenOf({ subscribe: [{ package: 'another', page: '*' }] }));
    await publishWithKey(broker, notice('unheard'));
    await authenticate(peer, await tokenOf(HEARS));
    await publishWithKey(broker, notice('heard'));
    expect(await nextData(peer)).toBe('heard');
    expect(broker.stats().registry).toMatchObject({ topics: 1, memberships: 1 });
  });

  test('makes somebody of an anonymous peer, who is not told any more to bring a token (R-5.10, R-7.3)', async () => {
    await using broker = await startTestBroker({ ...ON, anonymousSubscribe: [channel('2')] });
    await using peer = await connectV1(broker);
    const published = { ...JSON.parse(publication(notice('mine'))), id: 'p' };
    expect((await ask(peer, published)).error).toMatchObject({ code: 'forbidden', message: 'publishing this takes a key or a token' });
    await authenticate(peer, await tokenOf(HEARS));
    expect((await ask(peer, published)).error).toMatchObject({ code: 'forbidden', message: 'no grant of this peer lets it publish this' });
  });
});

describe('a replay', () => {
  test('has what the grants let through now, not what they did when it was published (R-5.4, R-7.3)', async () => {
    await using broker = await startTestBroker(ON);
    await using watcher = await granted(broker, HEARS);
    const { epoch } = topicOf(await subscribeV1(watcher));
    const values = ['1', '2', '3', '2', '1'];
    await publishWithKey(broker, ...values.map((value, index) => notice(index + 1, { values: value })));
    const resume = { id: 's', resume: [{ package: 'amaiia_msg_srv', page: 'messages', epoch, offset: 0 }] };
    await using peer = await granted(broker, { subscribe: [channel('2')] });
    expect(topicOf(await subscribeV1(peer, resume))).toMatchObject({ offset: 5, recovered: true, replayed: 2, narrowed: true });
    expect([await nextData(peer), await nextData(peer)]).toEqual([2, 4]);
    await authenticate(peer, await tokenOf({ subscribe: [channel('1', '3')] }));
    expect(topicOf(await subscribeV1(peer, resume))).toMatchObject({ recovered: true, replayed: 3 });
    expect([await nextData(peer), await nextData(peer), await nextData(peer)]).toEqual([1, 3, 5]);
  });

  test('behind a token in the same breath is under its grants (R-2.8, R-5.4, R-7.4)', async () => {
    await using broker = await startTestBroker(ON);
    await using watcher = await granted(broker, HEARS);
    const { epoch } = topicOf(await subscribeV1(watcher));
    await publishWithKey(broker, ...['1', '2', '1', '2'].map((value, index) => notice(index + 1, { values: value })));
    await using peer = await granted(broker, { subscribe: [channel('1')] });
    const resume = [{ package: 'amaiia_msg_srv', page: 'messages', epoch, offset: 1 }];
    const renewed = await tokenOf({ subscribe: [channel('2')] });
    const last = await tokenOf({ subscribe: [channel('1')] });
    peer.send(JSON.stringify({ sender: 'client', token: renewed }));
    peer.send(subscriptionsText(EVERYTHING, { resume }));
    peer.send(JSON.stringify({ sender: 'client', token: last }));
    const heard = [await said(peer), await said(peer), await said(peer), await said(peer), await said(peer)];
    expect(heard.map((message) => message.notification?.data ?? Object.keys(message)[1])).toEqual([
      'authenticated',
      'subscribed',
      2,
      4,
      'authenticated',
    ]);
  });
});

/** What the answer to a set of one topic says of it. */
function topicOf({ subscribed }: Said): { readonly epoch: string } {
  return (subscribed as unknown as { topics: { epoch: string }[] }).topics[0] as { epoch: string };
}
