import { describe, expect, test } from 'vitest';
import type { PeerOptions } from '../../../src/peer/index.js';
import type { BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { connect } from '../../support/peers.js';
import { ALL, bearing, KEY, ON, post, refusalOf, statusOf, tokenOf } from './support.js';

const APP = 'https://app.example.org';

/** Handshakes with a good token, and whether they may go on. `Host` is the broker's own unless it is given. */
const CASES: readonly (readonly [what: string, options: Partial<BrokerOptions>, headers: Record<string, string>, status: number])[] = [
  ['no Origin, with authentication', ON, {}, 101],
  ['the same host', ON, { Host: 'push.example.org', Origin: 'https://push.example.org' }, 101],
  ['the same host without TLS', ON, { Host: 'push.example.org', Origin: 'http://push.example.org' }, 101],
  ['the same host in capitals', ON, { Host: 'Push.Example.org', Origin: 'https://push.example.ORG' }, 101],
  ['the same host and port', ON, { Host: 'push.example.org:8000', Origin: 'http://push.example.org:8000' }, 101],
  ['the same host, with its default port in Host', ON, { Host: 'push.example.org:443', Origin: 'https://push.example.org' }, 101],
  ['the same host, with its default port in Origin', ON, { Host: 'push.example.org', Origin: 'http://push.example.org:80' }, 101],
  ['the same IPv6 address', ON, { Host: '[::1]:8000', Origin: 'http://[::1]:8000' }, 101],
  ['the same host at another port', ON, { Host: 'push.example.org:8000', Origin: 'http://push.example.org' }, 403],
  ["the same host at another scheme's default port", ON, { Host: 'push.example.org:443', Origin: 'http://push.example.org' }, 403],
  ['another host', ON, { Origin: APP }, 403],
  ['a host that only ends alike', ON, { Host: 'example.org', Origin: 'https://evil-example.org' }, 403],
  ['a host above', ON, { Host: 'push.example.org', Origin: 'https://example.org' }, 403],
  ['null', ON, { Origin: 'null' }, 403],
  ['an empty Origin', ON, { Origin: '' }, 403],
  ['an Origin that is none', ON, { Origin: 'app.example.org' }, 403],
  ['two origins', { ...ON, allowOrigins: [APP] }, { Origin: `${APP}, https://evil.example` }, 403],
  ['a listed origin', { ...ON, allowOrigins: ['https://other.example', `${APP}/`] }, { Origin: APP }, 101],
  ['a listed origin with its default port', { ...ON, allowOrigins: [`${APP}:443`] }, { Origin: APP }, 101],
  ['a listed host with another scheme', { ...ON, allowOrigins: [APP] }, { Origin: 'http://app.example.org' }, 403],
  ['a listed host at another port', { ...ON, allowOrigins: [APP] }, { Origin: `${APP}:8443` }, 403],
  ['below a listed host', { ...ON, allowOrigins: [APP] }, { Origin: 'https://x.app.example.org' }, 403],
  ['null where that is listed', { ...ON, allowOrigins: ['null'] }, { Origin: 'null' }, 101],
  ['a listed origin of an app', { ...ON, allowOrigins: ['capacitor://localhost'] }, { Origin: 'capacitor://localhost' }, 101],
  ['another app where one is listed', { ...ON, allowOrigins: ['capacitor://localhost'] }, { Origin: 'tauri://localhost' }, 403],
  ['an app where null is listed', { ...ON, allowOrigins: ['null'] }, { Origin: 'tauri://localhost' }, 403],
  ['any where all are listed', { ...ON, allowOrigins: ['*'] }, { Origin: 'null' }, 101],
  ['any without authentication', {}, { Origin: 'https://anywhere.example' }, 101],
  ['null without authentication', {}, { Origin: 'null' }, 101],
  ['another than the listed without authentication', { allowOrigins: [APP] }, { Origin: 'https://evil.example' }, 403],
  ['a listed one without authentication', { allowOrigins: [APP] }, { Origin: APP }, 101],
  ['the same host beside a list without authentication', { allowOrigins: [APP] }, { Host: 'h', Origin: 'http://h' }, 101],
];

describe('a handshake from a page', () => {
  test.each(CASES)('of this origin is answered so: %s: $3 (R-7.5)', async (_, options, headers, status) => {
    await using broker = await startTestBroker(options);
    const token = await tokenOf({ subscribe: ALL });
    expect(await statusOf(broker, { headers: { ...headers, ...bearing(token).headers } })).toBe(status);
    expect(await statusOf(broker, { headers, subprotocols: ['wsn.v1'] })).toBe(status);
  });

  test('of a foreign origin is refused before its credentials are looked at, with the option that would allow it (R-7.5)', async () => {
    await using broker = await startTestBroker(ON);
    for (const more of [{}, { Authorization: 'Bearer abc' }, { 'X-Api-Key': 'unknown' }]) {
      const refusal = await refusalOf(connect(broker, { headers: { Origin: APP, ...more } } satisfies Partial<PeerOptions>));
      expect(refusal).toMatchObject({ status: 403 });
      expect(JSON.parse(refusal.body)).toMatchObject({ status: 403, detail: expect.stringContaining('--allow-origin ORIGIN') });
    }
    expect(broker.stats()).toMatchObject({ peers: 0, turnedAway: 3 });
  });

  test('has no authority by a cookie, wherever it comes from (R-7.2)', async () => {
    await using broker = await startTestBroker({ ...ON, allowOrigins: ['*'] });
    const token = await tokenOf({ subscribe: ALL });
    expect(await statusOf(broker, { headers: { Origin: APP, Cookie: `token=${token}; wsn=${token}` } })).toBe(401);
  });
});

test.each(['null', APP, 'http://127.0.0.1'])(
  'a page may not publish over HTTP, also with a key, also where its origin is listed: %s (R-6.1, R-7.5)',
  async (origin) => {
    await using broker = await startTestBroker({ ...ON, allowOrigins: ['*', APP] });
    const answer = await post(broker, { Origin: origin, 'X-Api-Key': KEY });
    expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect(broker.stats().published).toBe(0);
  },
);
