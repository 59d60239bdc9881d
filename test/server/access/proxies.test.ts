import { describe, expect, test } from 'vitest';
import type { BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { recordingLog } from '../../support/log.js';
import { connect, notice, publication } from '../../support/peers.js';
import { post } from './support.js';

const HERE = ['127.0.0.0/8'];
const CHAIN = ['127.0.0.0/8', '10.0.0.0/8', 'fd00::/8'];

/** `X-Forwarded-For`, and whose address counts, at a broker that is asked from 127.0.0.1. */
const ADDRESSES: readonly (readonly [what: string, trustProxies: readonly string[], forwarded: string | undefined, address: string])[] = [
  ['nobody is trusted', [], '203.0.113.5', '127.0.0.1'],
  ['another proxy is trusted', ['10.0.0.0/8'], '203.0.113.5', '127.0.0.1'],
  ['the proxy names nobody', HERE, undefined, '127.0.0.1'],
  ['the proxy names its client', HERE, '203.0.113.5', '203.0.113.5'],
  ['the client has written something of its own', HERE, '10.0.0.1, 203.0.113.5', '203.0.113.5'],
  ['the client has named a trusted proxy', CHAIN, '10.9.9.9, 203.0.113.5', '203.0.113.5'],
  ['there is a chain of proxies', CHAIN, '203.0.113.5, 10.0.0.2, fd00::1, 10.0.0.1', '203.0.113.5'],
  ['a proxy in the chain is not trusted', HERE, '203.0.113.5, 198.51.100.7', '198.51.100.7'],
  ['all of the chain are proxies', CHAIN, '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['the proxy writes ports', HERE, '203.0.113.5:4711', '203.0.113.5'],
  ['the client has an IPv6 address', HERE, '2001:db8::5', '2001:db8::5'],
  ['the proxy writes IPv6 with a port', HERE, '[2001:db8::5]:4711', '2001:db8::5'],
  ['the proxy maps IPv4 into IPv6', HERE, '::ffff:203.0.113.5', '203.0.113.5'],
  ['there is no space', CHAIN, '203.0.113.5,10.0.0.1', '203.0.113.5'],
  ['what the proxy wrote is no address', HERE, '203.0.113.5, unknown', '127.0.0.1'],
  ['there is nothing behind the last comma', HERE, '203.0.113.5,', '127.0.0.1'],
];

describe('the address of a client', () => {
  test.each(ADDRESSES)('where %s: %j, %s → %s (R-7.5)', async (_, trustProxies, forwarded, address) => {
    const log = recordingLog();
    await using broker = await startTestBroker({ trustProxies, log });
    await using peer = await connect(broker, forwarded === undefined ? {} : { headers: { 'X-Forwarded-For': forwarded } });
    await peer.barrier();
    expect(log.find('connected')).toMatchObject({ address });
    // Over HTTP alike: a page's request is refused, and logged.
    await post(broker, { Origin: 'null', 'X-Forwarded-For': forwarded });
    expect(log.find('publication refused')).toMatchObject({ address });
  });
});

/** Whether somebody without a token may publish by way of a proxy. */
const PUBLISHERS: readonly (readonly [what: string, options: Partial<BrokerOptions>, forwarded: string, isAllowed: boolean])[] = [
  ['a client of a trusted proxy on this machine', { trustProxies: HERE }, '203.0.113.5', false],
  ['a client of a trusted proxy that says it is on this machine', { trustProxies: ['127.0.0.1'] }, '127.0.0.2', false],
  ['a client in a listed network behind a trusted proxy', { trustProxies: HERE, allowPublish: ['203.0.113.0/24'] }, '203.0.113.5', true],
  [
    'a client elsewhere that claims a listed one',
    { trustProxies: HERE, allowPublish: ['203.0.113.0/24'] },
    '203.0.113.5, 198.51.100.7',
    false,
  ],
  ['a claim without a trusted proxy', { allowPublish: ['203.0.113.0/24'] }, '203.0.113.5', false],
  ['a client of a listed proxy that is trusted', { trustProxies: HERE, allowPublish: HERE }, '203.0.113.5', false],
  ['a client of a listed proxy that is not trusted', { allowPublish: HERE }, '203.0.113.5', true],
  ['an IPv6 client in a listed network', { trustProxies: HERE, allowPublish: ['2001:db8::/32'] }, '[2001:db8::5]:1234', true],
  ['a mapped IPv4 client in a listed network', { trustProxies: HERE, allowPublish: ['203.0.113.0/24'] }, '::ffff:203.0.113.5', true],
];

describe('publishing behind a proxy', () => {
  test.each(PUBLISHERS)('%s (R-7.1, R-7.5)', async (_, options, forwarded, isAllowed) => {
    await using broker = await startTestBroker(options);
    const headers = { 'X-Forwarded-For': forwarded };
    expect((await post(broker, headers)).status).toBe(isAllowed ? 200 : 403);
    await using peer = await connect(broker, { headers });
    peer.send(publication(notice(1)));
    expect((await peer.closed).code).toBe(isAllowed ? 1000 : 4403);
    expect(broker.stats().published).toBe(isAllowed ? 2 : 0);
  });
});
