import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, notice, publication, publish, type Said, said, TOPIC } from '../support/peers.js';

const OTHER = { package: 'p', page: 'q' };
const pingIntervalMs = 50;

/** What comes until the first mark that is not empty, with that mark at the end. */
async function untilMark(peer: Awaited<ReturnType<typeof connectV1>>): Promise<readonly Said[]> {
  const heard: Said[] = [];
  for (;;) {
    const message = await said(peer);
    if (message.mark === undefined) heard.push(message);
    else if ((message.mark as unknown[]).length > 0) return [...heard, message];
  }
}

describe('a mark', () => {
  it('comes with each ping, empty while nothing moves (R-5.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    const opcodes: number[] = [];
    await using peer = await connectV1(broker, { onFrame: ({ opcode }) => opcodes.push(opcode) });
    await ask(peer, { sender: 'client', subscriptions: [TOPIC] });
    opcodes.length = 0;
    for (let count = 0; count < 3; count++) expect(await said(peer)).toEqual({ sender: 'server', mark: [] });
    expect(opcodes.slice(0, 6)).toEqual([9, 1, 9, 1, 9, 1]);
  });

  it('names the topics that moved unseen, and each only once for a move (R-5.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    await using peer = await connectV1(broker);
    const nothing = { values: 'nothing' };
    const subscriptions = [
      { ...TOPIC, filters: nothing },
      { ...OTHER, filters: nothing },
    ];
    const { topics } = (await ask(peer, { sender: 'client', subscriptions })).subscribed as unknown as { topics: [{ epoch: string }] };
    await publish(broker, notice('unseen', { values: '2' }));
    expect(await untilMark(peer)).toEqual([{ sender: 'server', mark: [{ ...TOPIC, epoch: topics[0].epoch, offset: 1 }] }]);
    expect(await said(peer)).toEqual({ sender: 'server', mark: [] });
    await publish(broker, { ...OTHER, data: 'unseen' });
    expect(await untilMark(peer)).toMatchObject([{ mark: [{ ...OTHER, offset: 1 }] }]);
  });

  it('leaves out what its deliveries and the answer to its subscriptions have told (R-5.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    await using peer = await connectV1(broker);
    await publish(broker, notice('before'));
    await ask(peer, { sender: 'client', subscriptions: [TOPIC, OTHER] });
    await publish(broker, notice('delivered'));
    await using selective = await connectV1(broker);
    await ask(selective, { sender: 'client', subscriptions: [{ ...TOPIC, filters: { values: 'nothing' } }] });
    await publish(broker, { ...OTHER, filters: {} });
    await publish(broker, notice('delivered too'));
    expect(await untilMark(selective)).toMatchObject([{ mark: [{ ...TOPIC, offset: 3 }] }]);
    const heard = [await said(peer), await said(peer), await said(peer), await said(peer), await said(peer)];
    for (const { mark } of heard) expect(mark ?? []).toEqual([]);
  });

  it('stands behind every delivery up to its offset (R-5.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs: 25 });
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [{ ...TOPIC, filters: { values: '2' } }] });
    await using publisher = await connectV1(broker, { onMessage: () => {} });
    let lastDelivered = 0;
    let marks = 0;
    for (let round = 0; marks < 3; round++) {
      publisher.send(publication(notice(round, { values: '2' })));
      publisher.send(publication(notice(round, { values: '3' })));
      const message = await said(peer);
      if (message.position) {
        expect(message.position.offset).toBe(lastDelivered === 0 ? 1 : lastDelivered + 2);
        lastDelivered = message.position.offset;
      }
      for (const { offset } of (message.mark ?? []) as unknown as { offset: number }[]) {
        // Odd offsets match: a mark at an odd one comes after that very delivery, at an even one after the one before it.
        expect(lastDelivered).toBe(offset % 2 === 1 ? offset : offset - 1);
        marks++;
      }
    }
  });

  it('is the position from which a quiet client resumes (R-5.6)', async () => {
    await using broker = await startTestBroker({ pingIntervalMs });
    await using quiet = await connectV1(broker);
    const subscriptions = [{ ...TOPIC, filters: { values: '2' } }];
    await ask(quiet, { sender: 'client', subscriptions });
    for (let count = 0; count < 20; count++) await publish(broker, notice(count, { values: '3' }));
    let told: Said[string] | undefined;
    do told = (await untilMark(quiet)).at(-1)?.mark;
    while ((told as unknown as { offset: number }[])[0]?.offset !== 20);
    await quiet.close(1000);
    await publish(broker, notice('missed', { values: '2' }));
    await using peer = await connectV1(broker);
    const answer = await ask(peer, { sender: 'client', subscriptions, resume: told });
    expect(answer.subscribed).toMatchObject({ topics: [{ recovered: true, replayed: 1 }] });
    expect((await said(peer)).notification?.data).toBe('missed');
  });
});
