import { describe, expect, it } from 'vitest';
import { closePayload, OPCODE, writeFrame } from '../../src/peer/index.js';
import { startTestBroker } from '../support/broker.js';
import { connect, nextData, notice, publication, publish, subscribe, subscriber, subscriptionsText, TOPIC } from '../support/peers.js';

describe('an ephemeral publisher', () => {
  it('is served with the close code 1000 (R-2.10)', async () => {
    await using broker = await startTestBroker();
    expect(await publish(broker, notice('served'))).toMatchObject({ code: 1000, clean: true, kind: 'close-frame' });
    expect(broker.stats()).toMatchObject({ published: 1, delivered: 0 });
  });

  it('gets its own notification before the close, if that matches (R-2.10)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    peer.send(publication(notice('mine')));
    expect((await peer.closed).code).toBe(1000);
    expect(await nextData(peer)).toBe('mine');
    expect(peer.inbox).toEqual([]);
  });

  it('gets all that waits for it before the close (R-2.10)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    const all = Array.from({ length: 20 }, (_, index) => index);
    const big = 'z'.repeat(30_000);
    await using publisher = await connect(broker, { subprotocols: ['wsn.v1'] });
    peer.pause();
    for (const number of all) publisher.send(publication({ ...TOPIC, data: number, message: big }));
    await publisher.barrier();
    peer.send(publication(notice('last')));
    await expect.poll(() => broker.stats().published).toBe(21);
    peer.resume();
    expect((await peer.closed).code).toBe(1000);
    const heard: unknown[] = [];
    while (peer.inbox.length > 0) heard.push(await nextData(peer));
    expect(heard).toEqual([...all, 'last']);
  });

  it('may send several notifications before its own close frame, and all are served (R-2.10)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await using publisher = await connect(broker);
    const frames = ['one', 'two', 'three'].map((data) => writeFrame({ opcode: OPCODE.text, payload: publication(notice(data)) }));
    publisher.bytes(Buffer.concat([...frames, writeFrame({ opcode: OPCODE.close, payload: closePayload(1000) })]));
    expect((await publisher.closed).code).toBe(1000);
    expect([await nextData(peer), await nextData(peer), await nextData(peer)]).toEqual(['one', 'two', 'three']);
  });

  it('is served also for what it sends after the broker has begun to close (R-2.10)', async () => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    await using publisher = await connect(broker, { answerClose: false });
    publisher.send(publication(notice('first')));
    await nextData(peer);
    publisher.send(publication(notice('second')));
    publisher.send(subscriptionsText([TOPIC]));
    publisher.send(publication(notice('third')));
    expect([await nextData(peer), await nextData(peer)]).toEqual(['second', 'third']);
    expect(broker.stats().registry.memberships).toBe(1);
    await publisher.close(1000);
    expect(publisher.inbox).toEqual([]);
  });

  it('that sends something invalid after its notification has been served is not told so (R-2.10)', async () => {
    await using broker = await startTestBroker();
    await using publisher = await connect(broker);
    publisher.bytes(
      Buffer.concat(['{', publication(notice('good'))].reverse().map((payload) => writeFrame({ opcode: OPCODE.text, payload }))),
    );
    expect((await publisher.closed).code).toBe(1000);
    expect(broker.stats().published).toBe(1);
  });

  it.each([
    ['a FIN', 'end'],
    ['a reset', 'destroy'],
  ] as const)('that dies by %s right after sending is served (R-2.10)', async (_, death) => {
    await using broker = await startTestBroker();
    await using peer = await subscriber(broker);
    for (let round = 1; round <= 20; round++) {
      const publisher = await connect(broker);
      publisher.send(publication(notice(round)));
      publisher[death]();
      expect(await nextData(peer)).toBe(round);
      await publisher[Symbol.asyncDispose]();
    }
    await expect.poll(() => broker.stats().peers).toBe(1);
  });

  it('that does not answer the close is let go (R-2.10)', async () => {
    await using broker = await startTestBroker({ closeTimeoutMs: 30 });
    await using publisher = await connect(broker, { answerClose: false });
    publisher.send(publication(notice('served')));
    expect(await publisher.closed).toMatchObject({ code: 1000, clean: false });
    await expect.poll(() => broker.stats().peers).toBe(0);
  });

  it('that subscribes too has its set ended with the close (R-2.10)', async () => {
    await using broker = await startTestBroker({ closeTimeoutMs: 5000 });
    await using peer = await connect(broker, { answerClose: false });
    await subscribe(peer, [TOPIC]);
    peer.send(publication(notice('mine')));
    await nextData(peer);
    await publish(broker, notice('another'));
    expect(broker.stats()).toMatchObject({ delivered: 1, registry: { memberships: 0 } });
    await peer.close(1000);
    expect(peer.inbox).toEqual([]);
  });
});
