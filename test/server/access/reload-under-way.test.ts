import { describe, expect, test } from 'vitest';
import type { Broker, BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { ask, connect, connectV1, notice, publication, said } from '../../support/peers.js';
import { openRaw, type Raw } from '../../support/raw.js';
import { inSeconds, signWith } from '../identity/support.js';
import { ALL, channel, KEY, ON, post, SECRET, SHOP } from './support.js';

/** What `startTestBroker` gives by itself. */
const SAME = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000 };
const BODY = JSON.stringify(notice('late', { values: '1' }));
const BY_PROXY = { 'X-Forwarded-For': '192.0.2.1' };

/** Sends a request to publish but for half of its body, and waits until the broker has judged its head. */
async function halfOf(broker: Broker, header: string): Promise<Raw & { finish(): Promise<string> }> {
  const raw = await openRaw(broker);
  const head = ['POST /notify HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Expect: 100-continue', header];
  raw.write(`${head.filter((line) => line !== '').join('\r\n')}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 9)}`);
  await raw.waitFor(/^HTTP\/1\.1 100 /);
  return Object.assign(raw, {
    async finish() {
      raw.write(BODY.slice(9));
      return (await raw.waitFor(/HTTP\/1\.1 (?:2|4)\d\d [^\r]*\r\n[\s\S]*\r\n\r\n.*\n/))[0];
    },
  });
}

type Case = readonly [what: string, before: Partial<BrokerOptions>, header: string, after: Partial<BrokerOptions>, status: number];

const WITH_KEY = `X-Api-Key: ${KEY}`;

describe('a request whose body comes behind a reload', () => {
  test.each<Case>([
    ['with a key that is gone', ON, WITH_KEY, { apiKeys: [{ name: 'other', sha256: '0'.repeat(64) }] }, 401],
    ['with a key that has other grants', ON, WITH_KEY, { apiKeys: [{ ...SHOP, publish: [channel('2')] }] }, 401],
    ['with a key that stands', ON, WITH_KEY, { maxConnections: 7 }, 200],
    ['without anything, once it takes a token', {}, '', { authSecret: SECRET }, 401],
    [
      'without anything, once nobody in particular may publish less',
      { anonymousPublish: 'all' },
      '',
      { anonymousPublish: [channel('2')] },
      403,
    ],
    ['without anything, once nobody in particular may publish', { anonymousPublish: 'all' }, '', { anonymousPublish: [] }, 403],
    ['without anything, as before', {}, '', { maxConnections: 7 }, 200],
    ['without anything, from a listed network as before', {}, '', { authSecret: SECRET, allowPublish: ['127.0.0.1'] }, 200],
  ])('%s is answered by what holds then: %j, %s → %j: %i (R-7.2, R-7.4)', async (_, before, header, after, status) => {
    await using broker = await startTestBroker(before);
    await using half = await halfOf(broker, header);
    await broker.reconfigure({ ...SAME, ...before, ...after });
    expect(await half.finish()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(broker.stats().published).toBe(status === 200 ? 1 : 0);
  });

  test.each([
    ['whose secret was replaced', { authSecret: 'another secret of 32 bytes, or of more' }, 401],
    ['whose secret stands', { authSecret: SECRET, maxConnections: 7 }, 200],
  ])('with a token %s is answered by what holds then: %j: %i (R-7.2)', async (_, after, status) => {
    await using broker = await startTestBroker({ authSecret: SECRET });
    const token = await signWith(SECRET, { sub: '5', exp: inSeconds(60), wsn: { publish: ALL } });
    const header = `Authorization: Bearer ${token}`;
    // Remembered from here on: the next head is judged at once.
    expect((await post(broker, { Authorization: `Bearer ${token}` })).status).toBe(200);
    await using half = await halfOf(broker, header);
    await broker.reconfigure({ ...SAME, ...after });
    expect(await half.finish()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(broker.stats().published).toBe(status === 200 ? 2 : 1);
  });
});

describe('a stranger who may not publish is told what would let it now', () => {
  const OPEN = { anonymousSubscribe: 'all' } as const;
  const KNOWN = { ...OPEN, authSecret: SECRET };

  test.each([
    ['a token, once somebody is authenticated', OPEN, KNOWN, 'takes a key or a token'],
    ['the option, once nobody is', KNOWN, OPEN, '--allow-publish CIDR'],
  ])('%s: base, v1 and HTTP (R-7.1, R-7.3)', async (_, before, after, sentence) => {
    await using broker = await startTestBroker(before);
    await using v1 = await connectV1(broker, { headers: BY_PROXY });
    await using base = await connect(broker, { headers: BY_PROXY });
    await broker.reconfigure({ ...SAME, ...after });
    expect(await ask(v1, publication(notice(1)))).toMatchObject({
      error: { code: 'forbidden', message: expect.stringContaining(sentence) },
    });
    base.send(publication(notice(1)));
    expect(await base.closed).toMatchObject({ code: 4403, reason: expect.stringContaining(sentence) });
    await using next = await connectV1(broker, { headers: BY_PROXY });
    next.send(publication(notice(1)));
    expect(await said(next)).toMatchObject({ error: { message: expect.stringContaining(sentence) } });
  });
});
