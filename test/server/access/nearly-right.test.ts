import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Broker, BrokerOptions } from '../../../src/server/index.js';
import { startTestBroker } from '../../support/broker.js';
import { recordingLog } from '../../support/log.js';
import { connect, notice } from '../../support/peers.js';
import { openRaw } from '../../support/raw.js';
import { keyFolder, serveWeb } from '../identity/support.js';
import { ALL, bearing, KEY, ON, post, refusalOf, statusOf, tokenOf } from './support.js';

/** Anybody may hear and say everything: what counts as no credentials is let in. */
const OPEN = { ...ON, anonymousSubscribe: 'all', anonymousPublish: 'all' } as const satisfies Partial<BrokerOptions>;

/** The statuses of a handshake and of a `POST /notify` with these lines in their heads. */
async function statusesWith(broker: Broker, lines: readonly string[]): Promise<readonly (number | undefined)[]> {
  const head = (first: string, more: readonly string[]) => `${[first, 'Host: broker.test', ...lines, ...more].join('\r\n')}\r\n\r\n`;
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  const body = JSON.stringify(notice('posted'));
  const request = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${body.length}`];
  const statuses: (number | undefined)[] = [];
  for (const text of [head('GET / HTTP/1.1', upgrade), head('POST /notify HTTP/1.1', request) + body]) {
    await using raw = await openRaw(broker);
    raw.write(text);
    await raw.waitFor(/\r\n\r\n/);
    statuses.push(raw.status);
  }
  return statuses;
}

describe('credentials that are nearly right', () => {
  test('are refused where a header of theirs stands twice, whichever is good, and whatever scheme the other has (R-7.2)', async () => {
    await using broker = await startTestBroker(OPEN);
    const good = `Authorization: Bearer ${await tokenOf({ subscribe: ALL, publish: ALL })}`;
    const key = `X-Api-Key: ${KEY}`;
    expect(await statusesWith(broker, [])).toEqual([101, 200]);
    expect(await statusesWith(broker, [good])).toEqual([101, 200]);
    expect(await statusesWith(broker, [key])).toEqual([101, 200]);
    for (const twice of [
      [good, good],
      [good, 'authorization: Bearer nonsense'],
      ['Authorization: Basic YTpi', good],
      [good, 'AUTHORIZATION: Basic YTpi'],
      [good, 'Authorization:'],
      [key, key],
      [key, 'x-api-key: guess'],
      [key, good, good],
    ]) {
      expect(await statusesWith(broker, twice)).toEqual([401, 401]);
    }
  });

  test('are refused where a tab or a sign follows the scheme and no good token does (R-7.2)', async () => {
    await using broker = await startTestBroker(OPEN);
    const good = await tokenOf({ subscribe: ALL, publish: ALL });
    for (const value of ['Bearer\tx', 'bearer\t', 'BEARER \t x', 'Bearer,x', 'Bearer=x', `Bearer"${good}"`, `Bearer\xa0${good}`]) {
      expect([value, ...(await statusesWith(broker, [`Authorization: ${value}`]))]).toEqual([value, 401, 401]);
    }
    expect(await statusesWith(broker, [`Authorization: bEARER\t ${good}`])).toEqual([101, 200]);
    expect(await statusesWith(broker, ['Authorization: Bearer-x y'])).toEqual([101, 200]);
  });

  test('are refused where a member of a grant is misspelt, which would open the whole topic (R-7.3)', async () => {
    await using broker = await startTestBroker(ON);
    const token = await tokenOf({ subscribe: [{ package: 'p', page: 'q', filter: { values: '2' } }] });
    const refusal = await refusalOf(connect(broker, bearing(token)));
    expect(refusal.status).toBe(401);
    expect(JSON.parse(refusal.body)).toMatchObject({
      detail: "the token's claim /wsn/subscribe/0/filter: expected a grant to have package, page and filters alone",
    });
    expect((await post(broker, bearing(token).headers)).status).toBe(401);
  });

  test('are a page of elsewhere where the Origin is more or less than one, here or in the list (R-7.5)', async () => {
    await using broker = await startTestBroker({ ...ON, allowOrigins: ['https://app.example.org'] });
    const { headers } = bearing(await tokenOf({ subscribe: ALL }));
    const Host = 'push.example.org';
    expect(await statusOf(broker, { headers: { ...headers, Host, Origin: `http://${Host}` } })).toBe(101);
    for (const Origin of [`http://evil@${Host}`, `http://${Host}/x`, 'https://evil@app.example.org', 'https://app.example.org/']) {
      expect([Origin, await statusOf(broker, { headers: { ...headers, Host, Origin } })]).toEqual([Origin, 403]);
    }
  });

  test('are refused where a back-end answers in the words of a JWT, whose end would never come (R-7.2)', async () => {
    const answer = { sub: '5', exp: 1, wsn: { subscribe: ALL } };
    await using hook = await serveWeb((response) => response.end(JSON.stringify(answer)));
    const log = recordingLog();
    await using broker = await startTestBroker({ authorizeUrl: hook.url, log });
    expect(await statusOf(broker, bearing('opaque'))).toBe(503);
    expect(log.records.filter(({ message }) => message === 'authorization unavailable')).toHaveLength(1);
    expect(log.find('authorization unavailable')).toMatchObject({
      because: 'the answer has "sub": expected subject, expiresAt and wsn alone',
    });
  });

  test('can never be verified where the key that made them is too short: 401, by URL and by file (R-7.2)', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const good = generateKeyPairSync('ed25519');
    const keys = [
      { ...short.publicKey.export({ format: 'jwk' }), kid: 'short' },
      { ...good.publicKey.export({ format: 'jwk' }), kid: 'good' },
    ];
    await using server = await serveWeb((response) => response.end(JSON.stringify({ keys })));
    await using folder = await keyFolder();
    for (const authJwks of [server.url, await folder.file('keys.json', JSON.stringify({ keys }))]) {
      const log = recordingLog();
      await using broker = await startTestBroker({ authJwks, log });
      const forged = `${part({ alg: 'RS256', kid: 'short' })}.${part({ sub: '5', wsn: { subscribe: ALL } })}.AA`;
      for (let i = 0; i < 3; i++) expect(await statusOf(broker, bearing(forged))).toBe(401);
      const claims = { sub: '5', wsn: { subscribe: ALL } };
      expect(await statusOf(broker, bearing(await signed(claims, { alg: 'EdDSA', kid: 'good' }, good.privateKey)))).toBe(101);
      expect(log.records.filter(({ level }) => level === 'error')).toEqual([]);
      expect(log.records.filter(({ message }) => message === 'keys passed over')).toHaveLength(1);
    }
  });
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signed(claims: object, header: { readonly alg: string; readonly kid: string }, key: KeyObject): Promise<string> {
  return new SignJWT(claims as JWTPayload).setProtectedHeader(header).sign(key);
}
