import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OPCODE, type PeerOptions, writeFrame } from '../../src/peer/index.js';
import type { BrokerOptions } from '../../src/server/index.js';
import { dice } from '../server/hostile-messages.js';
import { inSeconds, signWith } from '../server/identity/support.js';
import { schemaFolder } from '../server/schemas/folder.js';
import { connectV1, TOPIC } from '../support/peers.js';
import { CONTROL, endure, inTurns, pipeline, pour } from './endure.js';
import { frames, request } from './frames.js';
import { GOOD_MESSAGES } from './good-messages.js';
import { mutate, pick, type Roll } from './mutate.js';
import { SEED } from './seed.js';
import { woundedToken } from './wounded-token.js';

const SECRET = 'a secret of thirty-two bytes or more';
const KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const WSN = {
  subscribe: [
    { ...TOPIC, filters: { values: { channel: ['2', '3'] } } },
    { package: '*', page: 'q' },
  ],
  publish: [TOPIC, { package: '__proto__', page: '*' }],
};
/** What of a good message or a good body the broker has to refuse, so that schemas are asked, too. */
const SCHEMA = { properties: { deep: { maxItems: 0 }, id: { type: 'string' } } };

/** Only what the subscriber beside the load needs is anybody's. */
const ON: Partial<BrokerOptions> = {
  authSecret: SECRET,
  apiKeys: [{ name: 'shop', sha256: createHash('sha256').update(KEY).digest('hex') }],
  anonymousSubscribe: [CONTROL],
  anonymousPublish: [CONTROL],
};
const BROKERS: readonly (readonly [what: string, options: Partial<BrokerOptions>, files: Readonly<Record<string, unknown>>])[] = [
  ['that takes tokens and keys', ON, {}],
  [
    'that takes tokens from anywhere, and checks data',
    { ...ON, authQueryToken: true, schemaMode: 'enforce' },
    { 'amaiia_msg_srv/messages.json': SCHEMA },
  ],
];

/** Good for an hour; of two subjects, so that one of them cannot follow the other. */
async function goodTokens(): Promise<readonly string[]> {
  const subjects = ['ann', 'ann', 'bob'];
  const tokens = subjects.map((sub, index) =>
    signWith(SECRET, { sub, exp: inSeconds(3600 + index), ...(index === 1 ? {} : { wsn: WSN }) }),
  );
  return Promise.all(tokens);
}

/** A good token as often as a wounded one. */
function someToken(tokens: readonly string[], roll: Roll): string {
  const token = pick(tokens, roll);
  return roll(2) === 0 ? token : woundedToken(token, roll);
}

/** Text that Node lets stand in a header. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '~');
}

/** How somebody comes: with a token or a key in one of the places where these may stand, or with none. */
function arrival(tokens: readonly string[], roll: Roll): Partial<PeerOptions> {
  const token = printable(someToken(tokens, roll));
  const v1 = roll(2) === 0 ? ['wsn.v1'] : [];
  switch (roll(6)) {
    case 0:
      return { subprotocols: v1, headers: { Authorization: `Bearer ${token}` } };
    case 1:
      return { subprotocols: [...v1, `wsn.token.${token}`] };
    case 2:
      return { subprotocols: v1, path: `/?a=1&token=${token.replace(/[#?& ]/g, '')}` };
    case 3:
      return {
        subprotocols: v1,
        headers: { 'X-Api-Key': roll(2) === 0 ? KEY : printable(mutate(Buffer.from(KEY), roll).toString('latin1')) },
      };
    case 4:
      return { subprotocols: v1, headers: { Authorization: `Bearer ${token}`, 'X-Api-Key': KEY, Origin: 'http://a' } };
    default:
      return { subprotocols: v1 };
  }
}

/** Messages that bring tokens, good ones twice as often. */
function messagesWith(tokens: readonly string[], roll: Roll): readonly Buffer[] {
  const given = [...tokens, someToken(tokens, roll)].map((token, id) => JSON.stringify({ sender: 'client', id: `${id}`, token }));
  return [...given.map((text) => Buffer.from(text)), ...GOOD_MESSAGES];
}

describe.each(BROKERS)('wounded input of a broker %s', (_, options, files) => {
  test('in 15,000 frames behind 3,000 handshakes leaves nobody and no secret behind (R-7.2)', { timeout: 60_000 }, async () => {
    using folder = schemaFolder(files);
    const [roll, tokens] = [dice(SEED + 6), await goodTokens()];
    const schemas = 'schemaMode' in options ? { schemas: folder.path } : {};
    let [comers, welcome] = [0, 0];
    await endure(
      { ...options, ...schemas },
      (broker) =>
        inTurns(3000, async () => {
          comers++;
          if (await pour(broker, { ...arrival(tokens, roll), glued: frames(roll, 5, messagesWith(tokens, roll)) })) welcome++;
        }),
      [...tokens, SECRET, KEY],
    );
    // Neither all nor none, or nothing would be shown.
    expect(welcome).toBeGreaterThan(comers / 10);
    expect(welcome).toBeLessThan(comers);
  });

  test('in 4,000 requests leaves nobody and no secret behind (R-7.2)', { timeout: 60_000 }, async () => {
    using folder = schemaFolder(files);
    const [roll, tokens] = [dice(SEED + 7), await goodTokens()];
    const schemas = 'schemaMode' in options ? { schemas: folder.path } : {};
    const seen = new Set<number>();
    await endure(
      { ...options, ...schemas },
      (broker) =>
        inTurns(1000, async () => {
          const token = printable(someToken(tokens, roll));
          const heads = ['', `Authorization: Bearer ${token}\r\n`, `X-Api-Key: ${KEY}\r\n`, `Idempotency-Key: k\r\nX-Api-Key: ${KEY}\r\n`];
          const path = roll(4) === 0 ? `/notify?token=${token.replace(/[#?& ]/g, '')}` : '/notify';
          for (const status of await pipeline(
            broker,
            Array.from({ length: 4 }, () => request(roll, heads, path)),
          )) {
            seen.add(status);
          }
        }),
      [...tokens, SECRET, KEY],
    );
    for (const status of [200, 400, 401, 403]) expect(seen).toContain(status);
  });
});

test('20,000 messages, wounded tokens and pings among them, leave a v1 peer connected and its tokens in force (R-5.10)', {
  timeout: 60_000,
}, async () => {
  const [roll, tokens] = [dice(SEED + 8), await goodTokens()];
  await endure(
    ON,
    async (broker) => {
      let authenticated = 0;
      const onMessage = (payload: Buffer): void => {
        if (payload.includes('"authenticated"')) authenticated++;
      };
      await using peer = await connectV1(broker, { headers: { Authorization: `Bearer ${tokens[0]}` }, onMessage });
      for (let count = 1; count <= 20_000; count++) {
        const good = pick(messagesWith(tokens, roll), roll);
        // What is not UTF-8 would close it (1007).
        const payload = roll(3) === 0 ? good : Buffer.from(mutate(good, roll).toString('utf8'));
        if (roll(8) === 0) peer.bytes(writeFrame({ opcode: OPCODE.ping, payload: payload.subarray(0, 125) }));
        peer.send(payload);
        if (count % 200 === 0) await peer.barrier();
      }
      expect(authenticated).toBeGreaterThan(1000);
    },
    [...tokens, SECRET],
  );
});
