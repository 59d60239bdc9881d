import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { ask, connectV1, nextData, notice, publish, publishMany, type Said, said, TOPIC } from '../support/peers.js';

const OTHER = { package: 'p', page: 'q' };

function topicsOf(answer: Said): readonly { readonly epoch: string }[] {
  return (answer.subscribed as unknown as { topics: readonly { readonly epoch: string }[] }).topics;
}

/** A broker whose topic stands at 2, a peer that follows it, and the message of one that comes from ahead. */
async function ahead(offset: number) {
  const broker = await startTestBroker();
  await publishMany(broker, 2);
  const peer = await connectV1(broker);
  const witness = await connectV1(broker);
  const [topic] = topicsOf(await ask(peer, { sender: 'client', subscriptions: [TOPIC] }));
  const { epoch } = topic as { epoch: string };
  const message = { sender: 'client', id: 'r', subscriptions: [TOPIC], resume: [{ ...TOPIC, epoch, offset }] };
  return {
    broker,
    peer,
    epoch,
    message,
    /** Resolves when the broker has read what others sent before: it reads all that has come before it polls again. */
    hasRead: () => witness.barrier(),
    async [Symbol.asyncDispose](): Promise<void> {
      await witness[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}

describe('an offset ahead of the broker', () => {
  it('is recovered when the topic reaches it in time, and what came up to then is not repeated (R-5.4)', async () => {
    await using world = await ahead(4);
    await using other = await connectV1(world.broker);
    other.send(JSON.stringify(world.message));
    await world.hasRead();
    expect(other.inbox).toEqual([]);
    await publish(world.broker, notice(3));
    await publish(world.broker, notice(4));
    expect(await said(other)).toMatchObject({ id: 'r', subscribed: { topics: [{ offset: 4, recovered: true, replayed: 0 }] } });
    await publish(world.broker, notice(5));
    expect(await said(other)).toMatchObject({ notification: notice(5), position: { offset: 5 } });
  });

  it('is not recovered when it is not reached, and subscribes all the same (R-5.4)', async () => {
    await using world = await ahead(3);
    const startedAt = performance.now();
    expect(await ask(world.peer, world.message)).toMatchObject({
      id: 'r',
      subscribed: { topics: [{ offset: 2, recovered: false, replayed: 0 }] },
    });
    expect(performance.now() - startedAt).toBeGreaterThan(1900);
    await publish(world.broker, notice('live'));
    expect(await nextData(world.peer)).toBe('live');
  });

  it('has what the peer sends behind it wait, pongs too, while the set before it stands (R-2.8, R-5.4)', async () => {
    await using world = await ahead(4);
    world.peer.send(JSON.stringify(world.message));
    world.peer.send(JSON.stringify({ sender: 'client', id: 'next', subscriptions: [OTHER] }));
    const pong = world.peer.barrier().then(() => 'pong');
    await world.hasRead();
    await publish(world.broker, notice(3));
    expect(await said(world.peer)).toMatchObject({ notification: notice(3) });
    await publish(world.broker, notice(4));
    expect(await said(world.peer)).toMatchObject({ notification: notice(4) });
    expect((await said(world.peer)).id).toBe('r');
    expect((await said(world.peer)).id).toBe('next');
    expect(await pong).toBe('pong');
  });

  it('of an epoch that is over is not waited for (R-5.4)', async () => {
    await using world = await ahead(4);
    const resume = [{ ...TOPIC, epoch: 'other', offset: 4 }];
    world.peer.send(JSON.stringify({ ...world.message, resume }));
    await world.hasRead();
    // While it waited, the set before would bring this first.
    await publish(world.broker, notice(3));
    expect(await said(world.peer)).toMatchObject({ id: 'r', subscribed: { topics: [{ offset: 2, recovered: false }] } });
    expect(await nextData(world.peer)).toBe(3);
  });

  it('harms nobody when its peer goes away (R-5.4)', async () => {
    await using world = await ahead(3);
    await using other = await connectV1(world.broker);
    other.send(JSON.stringify(world.message));
    other.destroy();
    await publish(world.broker, notice(3));
    expect(await nextData(world.peer)).toBe(3);
  });
});
