import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { openPublisher } from '../../../../src/bench/traffic/publishers/open-publisher.js';
import { PROBE, recording } from './recording.js';
import { startWebSocketServer } from './web-socket-server.js';

const receipt = (id: string) =>
  JSON.stringify({ sender: 'server', id, receipt: { position: { epoch: 'e', offset: 1 }, matched: 0, duplicate: false } });

/** Answers each publication as told; the connections are numbered from 0. */
function startV1(answer: (socket: WebSocket, publication: { id: string; text: string; connection: number }) => void) {
  return startWebSocketServer({ handleProtocols: () => 'wsn.v1' }, (socket, connection) => {
    socket.on('message', (data) => {
      const text = String(data);
      answer(socket, { id: JSON.parse(text).id, text, connection });
    });
  });
}

describe('a persistent publisher', () => {
  it('is refused by a broker that speaks the base protocol only, and auto takes an ephemeral one', async () => {
    await using server = await startWebSocketServer({ handleProtocols: () => false }, (socket) =>
      socket.once('message', () => socket.close(1000)),
    );
    await expect(openPublisher('persistent', recording(server.url), PROBE)).rejects.toMatchObject({
      kind: 'refused',
      message:
        'the broker did not select wsn.v1, which persistent publishers need; ephemeral ones work with any broker (--publishers ephemeral)',
    });
    await expect(openPublisher('auto', recording(server.url, { protocol: 'v1' }), PROBE)).rejects.toThrow('did not select wsn.v1');
    await using publisher = await openPublisher('auto', recording(server.url), PROBE);
    expect(publisher.kind).toBe('ephemeral');
  });

  it('is what auto takes where the broker speaks wsn.v1, but for a load of the base protocol', async () => {
    await using server = await startV1((socket, { id }) => (id ? socket.send(receipt(id)) : socket.close(1000)));
    await using persistent = await openPublisher('auto', recording(server.url), PROBE);
    await using ephemeral = await openPublisher('auto', recording(server.url, { protocol: 'base' }), PROBE);
    expect([persistent.kind, ephemeral.kind]).toEqual(['persistent', 'ephemeral']);
  });

  it('sends a channel over one connection, and different ones over all that it has', async () => {
    const connectionsOf = new Map<number, Set<number>>();
    await using server = await startV1((socket, { id, connection }) => {
      const channel = Number(id) % 4;
      if (id !== 'probe') connectionsOf.set(channel, (connectionsOf.get(channel) ?? new Set()).add(connection));
      socket.send(receipt(id));
    });
    const context = recording(server.url, { connections: 4 });
    await using publisher = await openPublisher('persistent', context, PROBE);
    for (let index = 0; index < 40; index++) publisher.publish(index);
    await context.settled(40);
    expect([...connectionsOf.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1]);
    expect(new Set([...connectionsOf.values()].flatMap((set) => [...set])).size).toBe(4);
  });

  it('connects from the addresses that it is given, in turn', async () => {
    await using server = await startV1((socket, { id }) => socket.send(receipt(id)));
    await using _ = await openPublisher(
      'persistent',
      recording(server.url, { connections: 3, sourceAddresses: ['127.0.0.2', '127.0.0.3'] }),
      PROBE,
    );
    expect([...server.addresses].sort()).toEqual(['127.0.0.2', '127.0.0.2', '127.0.0.3']);
  });

  it('does not know of what was not answered when its connection ends, and is gone with its last one', async () => {
    await using server = await startV1((socket, { id, connection }) => {
      if (id === 'probe' || connection === 1) socket.send(receipt(id));
      else if (id === '4') socket.close(1011, 'it died');
    });
    const context = recording(server.url, { connections: 2 });
    await using publisher = await openPublisher('persistent', context, PROBE);
    for (const index of [0, 1, 2, 3, 4]) publisher.publish(index);
    await context.settled(5);
    const why = "the publisher's connection was closed: 1011 it died";
    expect(Object.fromEntries(context.unknown)).toEqual({ 0: why, 2: why, 4: why });
    expect([...context.acknowledged].sort()).toEqual([1, 3]);
    publisher.publish(6);
    expect(context.refused.get(6)).toBe(why);
    expect(context.sending).not.toContain(6);
    expect(publisher).toMatchObject({ isGone: false, unanswered: 0 });
    server.hangUp();
    await expect.poll(() => publisher.isGone).toBe(true);
  });

  it('counts what is never answered, and is not held up by it', async () => {
    await using server = await startV1((socket, { id }) => socket.send(id === '1' ? 'what?' : receipt(id)));
    const context = recording(server.url);
    await using publisher = await openPublisher('persistent', context, PROBE);
    for (const index of [0, 1, 2]) publisher.publish(index);
    await context.settled(2);
    expect(context.acknowledged).toEqual([0, 2]);
    expect(publisher.unanswered).toBe(1);
  });

  it('tells nothing more once it was disposed of', async () => {
    await using server = await startV1((socket, { id }) => id === 'probe' && socket.send(receipt(id)));
    const context = recording(server.url);
    {
      await using publisher = await openPublisher('persistent', context, PROBE);
      publisher.publish(0);
    }
    expect([context.acknowledged.length, context.refused.size, context.unknown.size]).toEqual([0, 0, 0]);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('does not know of what is under way when it is stopped by its signal', async () => {
    await using server = await startV1((socket, { id }) => id === 'probe' && socket.send(receipt(id)));
    const context = recording(server.url);
    await using publisher = await openPublisher('persistent', context, PROBE);
    publisher.publish(0);
    context.abort(new Error('no more'));
    await context.settled(1);
    expect([...context.unknown.keys()]).toEqual([0]);
    expect(publisher.isGone).toBe(true);
  });
});
