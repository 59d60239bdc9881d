import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { openPublisher } from '../../../../src/bench/traffic/publishers/open-publisher.js';
import { PROBE, recording } from './recording.js';
import { startWebSocketServer } from './web-socket-server.js';

/** Does with each publisher what is told; what is not told of is closed with 1000. */
function startBase(answer: (socket: WebSocket, index: number | undefined) => void) {
  return startWebSocketServer({ handleProtocols: () => false }, (socket) => {
    socket.once('message', (data) => answer(socket, JSON.parse(String(data)).notification.data?.index));
  });
}

/** Holds every publisher of the load until it is let go. */
async function startHolding() {
  const held: WebSocket[] = [];
  const server = await startBase((socket, index) => (index === undefined ? socket.close(1000) : held.push(socket)));
  return { ...server, held, letGo: () => held.splice(0).forEach((socket) => void socket.close(1000)), server };
}

describe('an ephemeral publisher', () => {
  it('takes 1000 for the receipt, another code for a refusal and no close frame for not knowing', async () => {
    await using server = await startBase((socket, index) => {
      if (index === 1) socket.close(4403, 'not you');
      else if (index === 2) socket.terminate();
      else socket.close(1000);
    });
    const context = recording(server.url);
    await using publisher = await openPublisher('ephemeral', context, PROBE);
    for (const index of [0, 1, 2, 3]) publisher.publish(index);
    await context.settled(4);
    expect([...context.acknowledged].sort()).toEqual([0, 3]);
    expect(Object.fromEntries(context.refused)).toEqual({ 1: 'closed with 4403 not you' });
    expect(Object.fromEntries(context.unknown)).toEqual({ 2: 'closed with 1006' });
  });

  it.each([
    [null, 256],
    [3, 3],
  ])('with %s wanted has at most %i connections open; what is beyond waits for its turn', async (connections, most) => {
    const { server, held, letGo } = await startHolding();
    await using _ = server;
    const context = recording(server.url, { connections });
    await using publisher = await openPublisher('ephemeral', context, PROBE);
    for (let index = 0; index < most + 2; index++) publisher.publish(index);
    expect(context.sending).toEqual(Array.from({ length: most }, (_, index) => index));
    expect(publisher).toMatchObject({ unanswered: most + 2 });
    await expect.poll(() => held.length).toBe(most);
    letGo();
    await context.settled(most);
    await expect.poll(() => held.length).toBe(2);
    letGo();
    await context.settled(most + 2);
    expect(context.sending.slice(-2)).toEqual([most, most + 1]);
    expect(server.mostConnections).toBeLessThanOrEqual(most + 1); // a closed one may still be counted
    expect(publisher).toMatchObject({ unanswered: 0, isGone: false });
  });

  it('drops what waits when it is stopped, and still hears of what is under way', async () => {
    const { server, held, letGo } = await startHolding();
    await using _ = server;
    const context = recording(server.url, { connections: 2 });
    await using publisher = await openPublisher('ephemeral', context, PROBE);
    for (const index of [0, 1, 2, 3]) publisher.publish(index);
    publisher.stop();
    expect(publisher).toMatchObject({ unanswered: 2 });
    await expect.poll(() => held.length).toBe(2);
    letGo();
    await context.settled(2);
    expect([...context.acknowledged].sort()).toEqual([0, 1]);
    expect(context.sending).toEqual([0, 1]);
  });

  it('connects from the addresses that it is given, in turn', async () => {
    await using server = await startBase((socket) => socket.close(1000));
    const context = recording(server.url, { sourceAddresses: ['127.0.0.2', '127.0.0.3'] });
    await using publisher = await openPublisher('ephemeral', context, PROBE);
    for (const index of [0, 1, 2, 3]) publisher.publish(index);
    await context.settled(4);
    expect([...server.addresses.slice(1)].sort()).toEqual(['127.0.0.2', '127.0.0.2', '127.0.0.3', '127.0.0.3']);
  });

  it('ends what is under way at its disposal and tells nothing more', async () => {
    const { server, held } = await startHolding();
    await using _ = server;
    const context = recording(server.url);
    {
      await using publisher = await openPublisher('ephemeral', context, PROBE);
      publisher.publish(0);
      await expect.poll(() => held.length).toBe(1);
    }
    expect([context.acknowledged.length, context.refused.size, context.unknown.size]).toEqual([0, 0, 0]);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('does not know of what is under way when it is stopped by its signal', async () => {
    const { server, held } = await startHolding();
    await using _ = server;
    const context = recording(server.url);
    await using publisher = await openPublisher('ephemeral', context, PROBE);
    publisher.publish(0);
    await expect.poll(() => held.length).toBe(1);
    context.abort(new Error('no more'));
    await context.settled(1);
    expect([...context.unknown.keys()]).toEqual([0]);
  });
});
