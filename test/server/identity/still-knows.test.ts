import { describe, expect, test } from 'vitest';
import type { BrokerOptions } from '../../../src/server/options.js';
import { startTestBroker } from '../../support/broker.js';
import { connect } from '../../support/peers.js';
import { authenticatorOf, caller, keyFolder, signerOf, signWith } from './support.js';

const SECRET = 's'.repeat(32);

describe('after a reload a token that was good is known (R-7.2)', () => {
  const before: Partial<BrokerOptions> = { authSecret: SECRET, authIssuer: 'shop', authAudience: ['wsn'] };

  test.each<[boolean, string, Partial<BrokerOptions>]>([
    [true, 'the same', {}],
    [true, 'the same beside an API key', { apiKeys: [{ name: 'a', sha256: '0'.repeat(64) }] }],
    [true, 'another tolerance', { authClockToleranceMs: 1 }],
    [false, 'another secret', { authSecret: 't'.repeat(32) }],
    [false, 'another issuer', { authIssuer: 'other' }],
    [false, 'another audience', { authAudience: ['other'] }],
    [false, 'a back-end that is asked', { authorizeUrl: 'http://127.0.0.1:9/' }],
  ])('%s: with %s', async (isKnown, _, change) => {
    const token = await signWith(SECRET, { sub: '5', iss: 'shop', aud: 'wsn' });
    const identity = await (await authenticatorOf(before)).verify(token, caller());
    const after = await authenticatorOf({ ...before, ...change });
    expect(after.stillKnows(identity)).toBe(isKnown);
    after.close();
  });

  test('but not with another public key', async () => {
    const [one, other] = await Promise.all([signerOf('ES256'), signerOf('ES256')]);
    await using folder = await keyFolder();
    const authPublicKey = await folder.file('key.pem', one.pem);
    const identity = await (await authenticatorOf({ authPublicKey })).verify(await one.sign({ sub: '5' }), caller());
    expect((await authenticatorOf({ authPublicKey })).stillKnows(identity)).toBe(true);
    await folder.file('key.pem', other.pem);
    expect((await authenticatorOf({ authPublicKey })).stillKnows(identity)).toBe(false);
  });
});

test('a secret that is replaced ends the connections that it had let in, however long their tokens live (R-7.2)', async () => {
  const options = { host: '127.0.0.1', port: 0, drainTimeoutMs: 2000 };
  await using broker = await startTestBroker({ ...options, authSecret: SECRET });
  const wsn = { subscribe: [{ package: '*', page: '*' }] };
  await using peer = await connect(broker, { headers: { Authorization: `Bearer ${await signWith(SECRET, { sub: '5', wsn })}` } });
  await broker.reconfigure({ ...options, authSecret: SECRET, maxConnections: 7 });
  await peer.barrier();
  await broker.reconfigure({ ...options, authSecret: 't'.repeat(32) });
  expect((await peer.closed).code).toBe(4401);
});
