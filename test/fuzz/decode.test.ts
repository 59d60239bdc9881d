import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLOSE_CODES,
  closeCodeOf,
  closeReasonOf,
  decodePeerMessage,
  decodePublications,
  type Json,
  ProtocolError,
  permits,
  readGrants,
} from '../../src/protocol/index.js';
import { json, jsonText, mutated, noise, received } from '../protocol/arbitraries.js';
import { dice } from '../server/hostile-messages.js';
import { GOOD_BODIES, GOOD_GRANTS, GOOD_MESSAGES } from './good-messages.js';
import { mutate, pick, type Roll } from './mutate.js';
import { REPLAY, SEED } from './seed.js';

const DOCUMENTED = new Set<number>(Object.values(CLOSE_CODES).map(({ code }) => code));

/** Runs a reader; a refusal must be one that can be told to the peer. Tells whether the input was good. */
function read(reader: () => unknown, input: string): boolean {
  try {
    reader();
    return true;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw new Error(`${JSON.stringify(input)} (${REPLAY})`, { cause: error });
    if (!DOCUMENTED.has(closeCodeOf(error)) || Buffer.byteLength(closeReasonOf(error)) > 123) throw error;
    return false;
  }
}

/** The same by both ways of reading, which must agree. */
function decode(text: string): void {
  for (const dialect of ['base', 'v1'] as const) {
    const isGood = read(() => decodePeerMessage(received(text), dialect), text);
    const isGoodRelayed = read(() => decodePeerMessage({ ...received(text), isRelayed: true }, dialect), text);
    if (isGood !== isGoodRelayed) throw new Error(`${JSON.stringify(text)} is read in two ways (${REPLAY})`);
  }
  read(() => decodePublications({ ...received(text), isRelayed: true }), text);
}

function mutants(good: readonly Buffer[], roll: Roll): string {
  for (;;) {
    const bytes = mutate(pick(good, roll), roll);
    // What is not UTF-8 does not get so far (1007).
    if (isUtf8(bytes)) return bytes.toString('utf8');
  }
}

describe('no message breaks a reader', () => {
  test('of 70,000 wounded ones (R-2.1, R-4.4)', { timeout: 60_000 }, () => {
    const roll = dice(SEED);
    for (let count = 0; count < 70_000; count++) decode(mutants(count % 3 === 0 ? GOOD_BODIES : GOOD_MESSAGES, roll));
  });

  test('of 20,000 that are JSON, nearly JSON, or noise (R-2.1, R-4.4)', { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.oneof(jsonText, mutated(jsonText), noise), decode), { seed: SEED, numRuns: 20_000 });
  });
});

describe('no list of grants breaks its reader', () => {
  test('of 40,000 wounded ones, and what is read can be asked (R-7.3)', { timeout: 60_000 }, () => {
    const roll = dice(SEED + 1);
    const notification = { package: 'amaiia_msg_srv', page: 'messages', filters: { values: { channel: ['2', { a: 1 }] } } };
    let good = 0;
    for (let count = 0; count < 40_000; count++) {
      let value: Json;
      const text = mutants(GOOD_GRANTS, roll);
      try {
        value = JSON.parse(text) as Json;
      } catch {
        value = { text };
      }
      if (read(() => permits(readGrants(value, '/wsn/subscribe'), notification), text)) good++;
    }
    expect(good).toBeGreaterThan(1000);
  });

  test('of 20,000 arbitrary values (R-7.3)', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(json, fc.array(json, { maxLength: 3 }) as fc.Arbitrary<Json>), (value) => {
        read(() => readGrants(value, ''), JSON.stringify(value));
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });
});
