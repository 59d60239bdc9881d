import { Agent } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { askHttp } from '../support/http.js';
import { ask, connectV1, nextData, notice, publication, said, subscriber, TOPIC } from '../support/peers.js';
import { openRaw } from '../support/raw.js';

const HEAD = '{"package":"amaiia_msg_srv","page":"messages"';

describe('a body', () => {
  it('that is a bare notification is published, byte for byte (R-6.2)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    const notification = `${HEAD} , "data":{"total":12345678901234567890,"oee":85.0},"é":"\\u00e9"}`;
    const { status, headers, json } = await askHttp(broker, { body: ` \n${notification}\n` });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(json).toEqual({ receipt: { position: { epoch: expect.any(String), offset: 1 }, matched: 1, duplicate: false } });
    expect(await reader.next()).toBe(`{"sender":"server","notification":${notification}}`);
  });

  it('that is a publisher’s message is published, and nothing else of it is relayed (R-6.2)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    const { json } = await askHttp(broker, { body: `{"id":"9","sender":"server","secret":1,"notification":${HEAD}}}` });
    expect(json).toMatchObject({ receipt: { matched: 1 } });
    expect(await reader.next()).toBe(`{"sender":"server","notification":${HEAD}}}`);
  });

  it.each([
    ['a key, which a list cannot have', `{"key":"k","notifications":[${HEAD}}]}`, '/key: a list takes no key'],
    [
      'one notification beside it',
      `{"notification":${HEAD}},"notifications":[${HEAD}}]}`,
      '/notification: expected either one notification or a list, found both',
    ],
    ['a member twice', `{"id":"1","id":"2","notifications":[${HEAD}}]}`, '/id: expected the name once, found it twice'],
  ])('that is a list with %s is refused, and nothing is sent (R-6.2)', async (_, body, detail) => {
    await using broker = await startTestBroker();
    expect(await askHttp(broker, { body })).toMatchObject({ status: 400, json: { detail } });
    expect(broker.stats().published).toBe(0);
  });

  it('may be sent to an absolute address, as through a proxy (R-6.1)', async () => {
    await using broker = await startTestBroker();
    expect((await askHttp(broker, { path: 'http://broker.example/notify?x=1', body: `${HEAD}}` })).status).toBe(200);
  });

  it('that is a list is published in its order, with a receipt for each (R-6.2)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    const notifications = [notice(1), { package: 'p', page: 'q' }, notice(2), notice(3)];
    const { status, json } = await askHttp(broker, { body: JSON.stringify({ notifications }) });
    expect(status).toBe(200);
    const receipts = json?.receipts as { position: { offset: number }; matched: number }[];
    expect(receipts.map(({ position, matched }) => [position.offset, matched])).toEqual([
      [1, 1],
      [1, 0],
      [2, 1],
      [3, 1],
    ]);
    expect([await nextData(reader), await nextData(reader), await nextData(reader)]).toEqual([1, 2, 3]);
  });

  it('that is an empty list is answered with no receipts (R-6.2)', async () => {
    await using broker = await startTestBroker();
    expect(await askHttp(broker, { body: '{"notifications":[]}' })).toMatchObject({ status: 200, json: { receipts: [] } });
  });

  it('that is a list with one error sends nothing at all (R-6.2)', async () => {
    await using broker = await startTestBroker();
    await using reader = await subscriber(broker);
    const { status } = await askHttp(broker, { body: JSON.stringify({ notifications: [notice('no'), notice('no'), {}] }) });
    expect(status).toBe(400);
    await askHttp(broker, { body: JSON.stringify(notice('fence')) });
    expect(await nextData(reader)).toBe('fence');
  });

  it('in chunks is one body, and so is one of exactly the length that is taken (R-6.2)', async () => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    const body = JSON.stringify(notice('x')).padEnd(1024);
    expect((await askHttp(broker, { body, isChunked: true })).status).toBe(200);
    expect((await askHttp(broker, { body })).status).toBe(200);
    expect((await askHttp(broker, { body: `${body} `, isChunked: true })).status).toBe(413);
  });

  it('may come to /notify with a query (R-6.1)', async () => {
    await using broker = await startTestBroker();
    expect((await askHttp(broker, { path: '/notify?x=1', body: JSON.stringify(notice(1)) })).status).toBe(200);
  });

  it('is in one order with what comes over sockets (R-6.3)', async () => {
    await using broker = await startTestBroker();
    await using peer = await connectV1(broker);
    await ask(peer, { sender: 'client', subscriptions: [TOPIC] });
    await askHttp(broker, { body: JSON.stringify(notice('http')) });
    peer.send(JSON.stringify({ sender: 'server', notification: notice('socket') }));
    const heard = [await said(peer), await said(peer), await said(peer)];
    expect(heard.map(({ position, receipt }) => position?.offset ?? (receipt as { position: object }).position)).toMatchObject([
      1,
      2,
      { offset: 2 },
    ]);
  });

  it('has one key, whether it stands in the header, in the body or in a message over a socket (R-5.8, R-6.2)', async () => {
    await using broker = await startTestBroker();
    // 127 bytes in UTF-8: Node is told the bytes as if they were Latin-1, and to send the body as bytes too.
    const key = `clé${'é'.repeat(61)}k`;
    const headers = { 'Idempotency-Key': Buffer.from(key).toString('latin1') };
    const notification = notice('once');
    const wrapped = publication(notification, { key });
    const answers = [
      await askHttp(broker, { body: Buffer.from(JSON.stringify(notification)), headers }),
      await askHttp(broker, { body: wrapped }),
      await askHttp(broker, { body: Buffer.from(wrapped), headers }),
    ];
    const receipt = (duplicate: boolean) => ({ receipt: { position: { offset: 1 }, duplicate } });
    expect(answers.map(({ json }) => json)).toMatchObject([receipt(false), receipt(true), receipt(true)]);
    await using peer = await connectV1(broker);
    expect(await ask(peer, publication(notification, { key }))).toMatchObject(receipt(true));
  });

  it('whose client is gone before it is complete is not published (R-6.2)', async () => {
    await using broker = await startTestBroker();
    const body = JSON.stringify(notice('cut'));
    const raw = await openRaw(broker);
    raw.write(
      `POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
    );
    raw.socket.end();
    await raw.closed;
    await askHttp(broker, { body: JSON.stringify(notice('whole')) });
    expect(broker.stats().published).toBe(1);
  });
});

describe('a kept-alive connection', () => {
  it('goes on after every kind of answer (R-6.3)', async () => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let sockets = 0;
    agent.on('free', () => {});
    const createConnection = agent.createConnection.bind(agent);
    agent.createConnection = (...given) => {
      sockets++;
      return createConnection(...given);
    };
    const good = { body: JSON.stringify(notice(1)), agent };
    const statuses = [];
    for (const asked of [
      good,
      { ...good, body: '{' },
      good,
      { ...good, headers: { Origin: 'null' } },
      { ...good, body: 'x'.repeat(5000), isChunked: true },
      good,
      { ...good, body: 'x'.repeat(5000) },
      { method: 'GET', path: '/nowhere', agent },
      good,
    ]) {
      statuses.push((await askHttp(broker, asked)).status);
    }
    agent.destroy();
    expect(statuses).toEqual([200, 400, 200, 403, 413, 200, 413, 426, 200]);
    expect(sockets).toBe(1);
  });

  it('answers requests that came in one segment in their order (R-6.3)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    const post = (body: string) =>
      `POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    raw.write(post(JSON.stringify(notice(1))) + post('{') + post(JSON.stringify(notice(2))));
    await raw.waitFor(/"offset":2/);
    expect(raw.text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200']);
  });
});
