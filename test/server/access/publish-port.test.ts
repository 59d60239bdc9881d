import { describe, expect, test } from 'vitest';
import { HandshakeRefused } from '../../../src/peer/index.js';
import type { Broker } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { ask, connect, connectV1, nextData, notice, publication, publish, subscriber } from '../../support/peers.js';
import { ALL, bearing, granted, KEY, ON, post, tokenOf } from './support.js';

/** The broker as those see it who connect where publications are taken. */
function behind(broker: Broker): Broker {
  return { port: broker.publishPort } as Broker;
}

const OWN_PORT = { publishPort: 0 } as const;

describe('a broker with a port of its own for publications', () => {
  test('takes none on the main port, from anybody, in any way (R-7.1)', async () => {
    await using broker = await startTestBroker({ ...OWN_PORT, allowPublish: ['127.0.0.0/8'] });
    await using witness = await subscriber(broker);
    const closed = await publish(broker, notice('base'));
    expect(closed.code).toBe(4403);
    expect(closed.reason).toContain('--publish-port');
    await using v1 = await connectV1(broker);
    expect(await ask(v1, JSON.parse(publication(notice('v1'), { id: '1' })) as object)).toMatchObject({
      id: '1',
      error: { code: 'forbidden' },
    });
    const answer = await post(broker);
    expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden', detail: expect.stringContaining('--publish-port') } });
    expect((await publish(behind(broker), notice('fence'))).code).toBe(1000);
    expect(await nextData(witness)).toBe('fence');
  });

  test('takes none on the main port with a token or a key either (R-7.3)', async () => {
    await using broker = await startTestBroker({ ...ON, ...OWN_PORT });
    const headers = { 'X-Api-Key': KEY };
    await using v1 = await granted(broker, { publish: ALL });
    expect(await ask(v1, JSON.parse(publication(notice(1))) as object)).toMatchObject({ error: { code: 'forbidden' } });
    await using base = await connect(broker, { headers });
    base.send(publication(notice(1)));
    expect((await base.closed).code).toBe(4403);
    expect((await post(broker, headers)).status).toBe(403);
    expect((await post(broker)).status).toBe(401);
    expect(broker.stats().published).toBe(0);
  });

  test('takes them on the other, base, v1 and HTTP, from those who may (R-7.1, R-7.3)', async () => {
    await using broker = await startTestBroker({ ...ON, ...OWN_PORT });
    await using witness = await subscriber(broker, undefined, bearing(await tokenOf({ subscribe: ALL })));
    const other = behind(broker);
    const headers = { 'X-Api-Key': KEY };
    await using base = await connect(other, { headers });
    base.send(publication(notice('base')));
    expect((await base.closed).code).toBe(1000);
    await using v1 = await granted(other, { publish: ALL });
    expect(await ask(v1, JSON.parse(publication(notice('v1'))) as object)).toHaveProperty('receipt');
    expect((await post(other, headers)).status).toBe(200);
    expect([await nextData(witness), await nextData(witness), await nextData(witness)]).toEqual(['base', 'v1', 'posted']);
    expect((await post(other)).status).toBe(401);
    await expect(connect(other)).rejects.toBeInstanceOf(HandshakeRefused);
    await using narrow = await granted(other, { publish: [{ package: 'another', page: '*' }] });
    expect(await ask(narrow, JSON.parse(publication(notice('no'))) as object)).toMatchObject({ error: { code: 'forbidden' } });
  });

  test('lets peers of both subscribe, and drains both (R-7.1, R-4.1)', async () => {
    const broker = await startTestBroker(OWN_PORT);
    const peers = [await subscriber(broker), await subscriber(behind(broker)), await connectV1(broker), await connectV1(behind(broker))];
    const [port, publishPort] = [broker.port, broker.publishPort as number];
    expect(publishPort).not.toBe(port);
    await broker[Symbol.asyncDispose]();
    for (const peer of peers) expect((await peer.closed).code).toBe(1001);
    for (const gone of [port, publishPort]) {
      await expect(connect({ port: gone } as Broker)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('gives both up when it cannot listen on the second', async () => {
    await using taken = await startTestBroker();
    await expect(startTestBroker({ publishPort: taken.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
