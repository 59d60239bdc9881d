import { describe, expect, test } from 'vitest';
import type { PeerOptions } from '../../../src/peer/index.js';
import type { BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { connect } from '../../support/peers.js';
import { serveWeb } from '../identity/support.js';
import { bearing, ON, refusalOf, tokenOf } from './support.js';

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly header?: readonly [name: string, value: string];
}

type Case = readonly [
  what: string,
  options: Partial<BrokerOptions>,
  peer: () => Promise<Partial<PeerOptions>> | Partial<PeerOptions>,
  Refused,
];

const BEARER = ['www-authenticate', 'Bearer'] as const;
const LATER = ['retry-after', '5'] as const;

describe('a handshake that is refused', () => {
  test.each<Case>([
    ['without a token', ON, () => ({}), { status: 401, code: 'unauthenticated', header: BEARER }],
    ['with a token that is none', ON, () => bearing('a.b.c'), { status: 401, code: 'unauthenticated', header: BEARER }],
    [
      'with grants that are none',
      ON,
      async () => bearing(await tokenOf({ subscribe: 5 })),
      { status: 401, code: 'unauthenticated', header: BEARER },
    ],
    [
      'with a key that is none',
      ON,
      () => ({ headers: { 'X-Api-Key': 'guess' } }),
      { status: 401, code: 'unauthenticated', header: BEARER },
    ],
    ['of a page from elsewhere', ON, () => ({ headers: { Origin: 'https://example.org' } }), { status: 403, code: 'forbidden' }],
    ['while its address has no place', { maxConnectionsPerAddress: 1 }, () => ({}), { status: 429, code: 'too-many', header: LATER }],
    ['while nobody has a place', { maxConnections: 1 }, () => ({}), { status: 503, code: 'unavailable', header: LATER }],
  ])('%s is answered as a request would be: %j (R-4.6, R-6.3)', async (_, options, peer, { status, code, header }) => {
    await using broker = await startTestBroker(options);
    // The only place, where there is but one.
    await using _first = options === ON ? undefined : await connect(broker);
    const refused = await refusalOf(connect(broker, await peer()));
    expect(JSON.parse(refused.body)).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      code,
      detail: expect.any(String),
    });
    expect(refused.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'sec-websocket-version': '13',
      ...(header && { [header[0]]: header[1] }),
    });
  });

  test.each([
    [403, { status: 403, code: 'forbidden' }],
    [500, { status: 503, code: 'unavailable' }],
  ])('because a back-end said %i says so: %j (R-4.6, R-6.3)', async (answer, expected) => {
    await using hook = await serveWeb((response) => {
      response.statusCode = answer;
      response.end();
    });
    await using broker = await startTestBroker({ authorizeUrl: hook.url });
    expect(JSON.parse((await refusalOf(connect(broker, bearing('t')))).body)).toMatchObject(expected);
  });

  test('because it breaks RFC 6455 has no code, for no message of the protocol is refused so (R-4.6, R-6.3)', async () => {
    await using broker = await startTestBroker();
    const refused = await refusalOf(connect(broker, { headers: { 'Sec-WebSocket-Version': '8' } }));
    expect(Object.keys(JSON.parse(refused.body) as object).sort()).toEqual(['detail', 'status', 'title', 'type']);
  });
});
