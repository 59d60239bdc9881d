import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProtocolError } from '../../src/protocol/index.js';
import { MemoryFeed } from '../../src/server/feed/memory.js';
import { startTestBroker } from '../support/broker.js';
import { type Asked, askHttp } from '../support/http.js';
import { recordingLog } from '../support/log.js';
import { nextData, notice, subscriber, TOPIC } from '../support/peers.js';
import { openRaw } from '../support/raw.js';

afterEach(() => vi.restoreAllMocks());

const GOOD = JSON.stringify(notice('good'));
const PROXY = { 'X-Forwarded-For': '192.0.2.1' };
const LONG = 'x'.repeat(2000);

/** How Node is told to send a header in UTF-8, before a body of bytes: it sends one as it sends the other. */
function asHeader(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A request to `/notify` and the status that refuses it; each row has the faults of some rows below it too. */
const REFUSED: readonly (readonly [what: string, asked: Asked, status: number])[] = [
  ['GET, with an Origin', { method: 'GET', headers: { Origin: 'null', 'content-type': undefined } }, 405],
  ['HEAD', { method: 'HEAD' }, 405],
  ['PUT, which is too long', { method: 'PUT', body: LONG, isChunked: true }, 405],
  ['DELETE', { method: 'DELETE' }, 405],
  [
    'OPTIONS, as a page asks before',
    { method: 'OPTIONS', headers: { Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' } },
    405,
  ],
  ['an Origin, in a wrong type', { headers: { Origin: 'https://example.org', 'content-type': 'text/plain' }, body: GOOD }, 403],
  ['an Origin that is null', { headers: { Origin: 'null' }, body: GOOD }, 403],
  ['a proxy, in a wrong type', { headers: { ...PROXY, 'content-type': 'text/plain' }, body: GOOD }, 403],
  ['a proxy, too long', { headers: PROXY, body: LONG }, 403],
  ['no type, too long', { headers: { 'content-type': undefined }, body: LONG }, 415],
  ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: GOOD }, 415],
  ['text', { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: GOOD }, 415],
  ['another kind of JSON', { headers: { 'content-type': 'application/json-seq' }, body: GOOD }, 415],
  ['a vendor kind of JSON', { headers: { 'content-type': 'application/vnd.api+json' }, body: GOOD }, 415],
  ['JSON in Latin-1', { headers: { 'content-type': 'application/json; charset=iso-8859-1' }, body: GOOD }, 415],
  ['compressed JSON', { headers: { 'content-encoding': 'gzip' }, body: GOOD }, 415],
  ['a body that says it is too long, and is no JSON', { body: LONG }, 413],
  ['a body that is too long, in chunks', { body: LONG, isChunked: true }, 413],
  ['a body that is no JSON, with a key', { body: '{', headers: { 'Idempotency-Key': 'k' } }, 400],
  ['an empty body', { body: '' }, 400],
  ['a body that is not UTF-8', { body: Buffer.from(GOOD.replace('good', 'é'), 'latin1') }, 400],
  ['a body in UTF-16', { body: Buffer.from(GOOD, 'utf16le') }, 400],
  ['an empty key', { body: GOOD, headers: { 'Idempotency-Key': '' } }, 400],
  ['a key of 129 bytes', { body: GOOD, headers: { 'Idempotency-Key': 'k'.repeat(129) } }, 400],
  ['a key of 130 bytes that are 65 characters', { body: Buffer.from(GOOD), headers: { 'Idempotency-Key': asHeader('é'.repeat(65)) } }, 400],
  ['a key in Latin-1', { body: Buffer.from(GOOD), headers: { 'Idempotency-Key': 'cl\u00e9' } }, 400],
  ['a key with a list', { body: `{"notifications":[${GOOD}]}`, headers: { 'Idempotency-Key': 'k' } }, 400],
  ['two headers with a key', { body: GOOD, headers: { 'Idempotency-Key': ['k', 'k'] as never } }, 400],
  ['two keys that differ', { body: `{"sender":"server","key":"k","notification":${GOOD}}`, headers: { 'Idempotency-Key': 'j' } }, 400],
];

describe('POST /notify', () => {
  it.each(REFUSED)('refuses %s, and sends nothing (R-6.1)', async (_, asked, status) => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    await using reader = await subscriber(broker);
    const answer = await askHttp(broker, asked);
    expect(answer.status).toBe(status);
    expect(answer.headers.allow).toBe(status === 405 ? 'POST' : undefined);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    if (asked.method !== 'HEAD') expect(answer.json).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect((await askHttp(broker, { body: JSON.stringify(notice('fence')) })).status).toBe(200);
    expect(await nextData(reader)).toBe('fence');
  });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json; profile="https://example.org/p"',
    'application/json; profile=x; charset=utf-8',
  ])('takes %s (R-6.1)', async (type) => {
    await using broker = await startTestBroker();
    expect((await askHttp(broker, { headers: { 'content-type': type }, body: GOOD })).status).toBe(200);
  });

  it('takes the content coding that changes nothing (R-6.1)', async () => {
    await using broker = await startTestBroker();
    expect((await askHttp(broker, { headers: { 'content-encoding': 'identity' }, body: GOOD })).status).toBe(200);
  });

  it('answers 503, and when to come back, when the log cannot be written (R-6.1)', async () => {
    await using broker = await startTestBroker();
    vi.spyOn(MemoryFeed.prototype, 'append').mockImplementationOnce((_, settled) =>
      settled({ kind: 'failed', error: new ProtocolError('unavailable', 'the disk is full') }),
    );
    const { status, headers, json } = await askHttp(broker, { body: GOOD });
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(json).toMatchObject({ code: 'unavailable', detail: 'the disk is full' });
  });

  it('says how many of a list are published when a later one cannot be logged (R-6.1, R-6.2)', async () => {
    await using broker = await startTestBroker();
    const append = MemoryFeed.prototype.append;
    let count = 0;
    const refused = new Set([3, 4]);
    vi.spyOn(MemoryFeed.prototype, 'append').mockImplementation(function (this: MemoryFeed, ...given) {
      count++;
      if (refused.has(count)) given[1]({ kind: 'failed', error: new ProtocolError('unavailable', 'the disk is full') });
      else append.apply(this, given);
    });
    const body = JSON.stringify({ notifications: [notice(1), notice(2), notice(3), notice(4)] });
    const sentence = 'the disk is full; the first 2 of the list are published';
    expect(await askHttp(broker, { body })).toMatchObject({ status: 503, json: { code: 'unavailable', detail: sentence } });
    refused.clear();
    refused.add(6);
    expect(await askHttp(broker, { body })).toMatchObject({
      status: 503,
      json: { detail: 'the disk is full; 3, not the first alone, of the list are published' },
    });
    refused.add(9);
    expect(await askHttp(broker, { body: JSON.stringify({ notifications: [notice(1)] }) })).toMatchObject({
      status: 503,
      json: { detail: 'the disk is full' },
    });
  });

  it.each([
    ['bare', { package: 'p' }, 'invalid-notification', '/page'],
    ['wrapped', { sender: 'server', notification: { ...TOPIC, filters: 1 } }, 'invalid-notification', '/notification/filters'],
    ['in a list', { notifications: [notice(1), notice(2), { package: '' }] }, 'invalid-notification', '/notifications/2/package'],
    ['by a subscriber', { sender: 'client', subscriptions: [] }, 'invalid-message', '/sender'],
    ['without its wrapping', { notification: notice(1) }, 'invalid-message', '/sender'],
    ['with a list that is none', { notifications: {} }, 'invalid-message', '/notifications'],
    ['with two payloads', { sender: 'server', notification: notice(1), token: 't' }, 'invalid-message', '/token'],
  ])('names the member at fault of a body %s (R-6.3)', async (_, body, code, pointer) => {
    await using broker = await startTestBroker();
    const { status, json } = await askHttp(broker, { body: JSON.stringify(body) });
    expect(status).toBe(400);
    expect(json).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code,
      pointer,
      detail: expect.stringContaining(pointer),
    });
    expect(broker.stats().published).toBe(0);
  });
});

describe('the answer to a body that is too long', () => {
  const head = 'POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n';

  it('comes before the body has been sent, when its length is said (R-6.1)', async () => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    await using raw = await openRaw(broker);
    raw.write(`${head}Content-Length: 1025\r\n\r\n`);
    await raw.waitFor(/\r\n\r\n/);
    expect(raw.status).toBe(413);
  });

  it('comes to a client that sends all of 8 MiB before it reads (R-6.1)', async () => {
    await using broker = await startTestBroker();
    const body = 'x'.repeat(8 * 1024 * 1024);
    expect((await askHttp(broker, { body })).status).toBe(413);
    expect((await askHttp(broker, { body, isChunked: true })).status).toBe(413);
  });

  it('ends the patience of the broker when the body never ends (R-6.1)', async () => {
    await using broker = await startTestBroker({ maxMessageBytes: 1024 });
    await using raw = await openRaw(broker);
    raw.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    let isClosed = false;
    void raw.closed.then(() => {
      isClosed = true;
    });
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    for (let count = 0; count < 2000 && !isClosed; count++) {
      raw.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(isClosed).toBe(true);
    expect(raw.status).toBe(413);
  });
});

describe('a refused request whose body does not come', () => {
  it.each([
    ['a page', 'Origin: http://page.example', 403],
    ['a wrong type', 'Content-Type: text/plain', 415],
    ['too much', 'Content-Type: application/json', 413],
  ])('is answered, and ended in the time for a handshake: %s (R-6.1)', async (_, headers, status) => {
    await using broker = await startTestBroker({ handshakeTimeoutMs: 300, maxMessageBytes: 1024 });
    await using raw = await openRaw(broker);
    raw.write(`POST /notify HTTP/1.1\r\nHost: h\r\n${headers}\r\nContent-Length: 50000\r\n\r\n{`);
    await raw.closed;
    expect(raw.status).toBe(status);
  });

  it.each([
    ['POST /x', 404],
    ['GET /', 426],
    ['POST /healthz', 405],
    ['GET /healthz', 200],
  ])('is so wherever it asks: %s (R-6.1)', async (start, status) => {
    await using broker = await startTestBroker({ handshakeTimeoutMs: 300 });
    await using raw = await openRaw(broker);
    raw.write(`${start} HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n{`);
    await raw.closed;
    expect([raw.status, raw.text.match(/HTTP\/1\.1/g)]).toEqual([status, ['HTTP/1.1']]);
  });

  it('is not told to send its body, and one that is taken is (R-6.1)', async () => {
    await using broker = await startTestBroker();
    const body = JSON.stringify(notice('asked'));
    const head = (type: string) =>
      `POST /notify HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
    await using refused = await openRaw(broker);
    refused.write(head('text/plain'));
    await refused.waitFor(/\r\n\r\n/);
    expect(refused.status).toBe(415);
    await using taken = await openRaw(broker);
    taken.write(head('application/json'));
    await taken.waitFor(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    taken.write(body);
    await taken.waitFor(/HTTP\/1\.1 200 OK/);
  });

  it('keeps its connection when it comes (R-6.1)', async () => {
    await using broker = await startTestBroker();
    await using raw = await openRaw(broker);
    raw.write('POST /notify HTTP/1.1\r\nHost: h\r\nOrigin: null\r\nContent-Length: 2\r\n\r\n{');
    await raw.waitFor(/ 403 /);
    raw.write('}GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    await raw.waitFor(/ 200 OK/);
  });
});

describe('the log of a refusal', () => {
  it.each([
    ['its head', { headers: { 'content-type': 'text/plain' } }],
    ['its body', { body: '{' }],
  ])('names the address that asked, also when the fault is in %s', async (_, asked) => {
    const log = recordingLog();
    await using broker = await startTestBroker({ log });
    await askHttp(broker, asked);
    expect(log.find('publication refused')).toMatchObject({ address: '127.0.0.1', because: expect.any(String) });
  });
});
