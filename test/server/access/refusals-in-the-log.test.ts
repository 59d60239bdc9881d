import { describe, expect, test } from 'vitest';
import { HandshakeRefused } from '../../../src/peer/index.js';
import { startTestBroker } from '../../support/broker.js';
import { askHttp } from '../../support/http.js';
import { recordingLog } from '../../support/log.js';
import { connect, connectV1, publication, publish, said } from '../../support/peers.js';
import { schemaFolder } from '../schemas/folder.js';
import { KEY, ON, SHOP } from './support.js';

/** A name that a publisher gives a member of its data. */
const NAME = 'anna@example.org';
const MISFIT = { package: 'p', page: 'q', data: { [NAME]: 1 } };

describe('the log of what was refused', () => {
  test('tells no names of members of data, by socket or by HTTP, and the publisher is told (R-7.7)', async () => {
    using folder = schemaFolder({ 'p/q.json': { type: 'object', additionalProperties: false } });
    const log = recordingLog();
    await using broker = await startTestBroker({ log, schemas: folder.path });
    expect((await publish(broker, MISFIT)).reason).toContain(NAME);
    await using v1 = await connectV1(broker);
    v1.send(publication(MISFIT));
    expect(await said(v1)).toMatchObject({ error: { path: `/notification/data/${NAME}` } });
    const one = await askHttp(broker, { body: JSON.stringify(MISFIT) });
    const list = await askHttp(broker, { body: JSON.stringify({ notifications: [MISFIT] }) });
    expect([one.json?.pointer, list.json?.pointer]).toEqual([`/data/${NAME}`, `/notifications/0/data/${NAME}`]);
    const because = log.records.filter(({ message }) => message.endsWith(' refused')).map(({ fields }) => fields.because);
    const told = ['/notification/data', '/notification/data', '/data', '/notifications/0/data'];
    expect(because).toEqual(told.map((path) => `${path}: expected no such member: the schema does not name it`));
    expect(JSON.stringify(log.records)).not.toContain(NAME);
  });

  test('tells who wanted to publish what, where no grant covers it (R-7.3)', async () => {
    const log = recordingLog();
    const shop = { ...SHOP, publish: [{ package: 'shop', page: '*' }] };
    await using broker = await startTestBroker({ ...ON, apiKeys: [shop], log });
    const answer = await askHttp(broker, { headers: { 'X-Api-Key': KEY }, body: '{"package":"bank","page":"q"}' });
    expect(answer.status).toBe(403);
    expect(log.find('notification not granted')).toEqual({ publisher: 'http 127.0.0.1', identity: 'key:shop', package: 'bank', page: 'q' });
    expect(log.find('publication refused')).toMatchObject({ identity: 'key:shop', status: 403 });
  });

  test('tells the origin of a page that may not connect, so that an operator can list it (R-7.5)', async () => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log, allowOrigins: ['https://app.example.org'] });
    const origin = 'https://new.example.org';
    await expect(connect(broker, { headers: { Origin: origin } })).rejects.toBeInstanceOf(HandshakeRefused);
    expect(log.find('handshake refused')).toMatchObject({ origin, status: 403 });
    await expect(connect(broker, { headers: { Origin: `https://${'x'.repeat(5000)}` } })).rejects.toBeInstanceOf(HandshakeRefused);
    expect(String(log.find('handshake refused')?.origin)).toHaveLength(256);
  });
});
