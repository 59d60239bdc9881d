import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { ProtocolError } from '../../src/protocol/index.js';
import { createAuthenticator } from '../../src/server/identity/create-authenticator.js';
import type { Caller } from '../../src/server/identity/identity.js';
import { SILENT } from '../../src/server/observe.js';
import { DEFAULTS } from '../../src/server/options.js';
import { dice } from '../server/hostile-messages.js';
import { pick } from './mutate.js';
import { REPLAY, SEED } from './seed.js';
import { woundedToken } from './wounded-token.js';

const SECRET = 'a secret of thirty-two bytes or more';
const GRANTS = { subscribe: [{ package: 'p', page: '*', filters: {} }], publish: [] };

async function goodToken(): Promise<string> {
  const jwt = new SignJWT({ wsn: GRANTS }).setProtectedHeader({ alg: 'HS256' }).setSubject('ann').setExpirationTime('1h');
  return jwt.sign(new TextEncoder().encode(SECRET));
}

/** What a token says and how it is signed, whatever its spelling. */
function meaningOf(token: string): string {
  const parts = token.split('.');
  return JSON.stringify([parts.length, ...parts.map((part) => Buffer.from(part, 'base64url').toString('hex'))]);
}

/** The refusal of `verify`, or undefined where it was taken; anything but a ProtocolError is thrown. */
async function refusalOf(verify: () => unknown): Promise<ProtocolError | undefined> {
  try {
    await verify();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

test('no token of 12,000 wounded ones is taken, but those that say the same, and none breaks the authenticator (R-7.2)', {
  timeout: 60_000,
}, async () => {
  const roll = dice(SEED + 2);
  const good = await goodToken();
  const authenticator = await createAuthenticator({ ...DEFAULTS, authSecret: SECRET, authQueryToken: true }, SILENT);
  const caller: Caller = { address: '127.0.0.1', headers: {}, rawHeaders: [], url: '/' };
  expect((await authenticator.verify(good, caller)).access).toEqual(GRANTS);
  for (let count = 0; count < 12_000; count++) {
    const token = woundedToken(good, roll);
    const headers = pick<Caller['headers']>(
      [{ authorization: `Bearer ${token}` }, { 'sec-websocket-protocol': `wsn.v1, wsn.token.${token}` }, { 'x-api-key': token }, {}],
      roll,
    );
    const byQuery = { ...caller, headers, url: `/?token=${roll(2) === 0 ? token : encodeURIComponent(token)}` };
    const refusals = [await refusalOf(() => authenticator.verify(token, caller)), await refusalOf(() => authenticator.identify(byQuery))];
    const what = `${JSON.stringify(token)} (${REPLAY})`;
    if (meaningOf(token) !== meaningOf(good)) expect(refusals[0]?.code, what).toBe('unauthenticated');
    for (const refusal of refusals) expect([undefined, 'unauthenticated'], what).toContain(refusal?.code);
  }
  authenticator.close();
});
