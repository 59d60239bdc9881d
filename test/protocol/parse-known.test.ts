import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePeerMessage, decodePublications, ProtocolError } from '../../src/protocol/index.js';
import { json, jsonText, mutated, outcome, RUNS, received } from './arbitraries.js';

const NOTIFICATION = '{"package":"p","page":"q","filters":{"values":["2"]},"data":{"total":85.0},"message":"m","x":[1]}';
const VALID = [
  '{"sender":"client","subscriptions":[{"package":"p","page":"q","filters":{"values":"2"}}]}',
  '{"sender":"client","id":"1","subscriptions":[{"package":"p","page":"q"}],"resume":[{"package":"p","page":"q","epoch":"k","offset":1}]}',
  '{"sender":"client","id":"2","token":"t"}',
  `{"sender":"server","notification":${NOTIFICATION}}`,
  `{"notification":${NOTIFICATION},"id":"9","key":"k","data":1,"sender":"server"}`,
  `{"notifications":[${NOTIFICATION}, ${NOTIFICATION}]}`,
  NOTIFICATION,
];

/** Messages, most of them valid or nearly so: with members twice, escaped, of any value and in any place. */
const message = fc.oneof(
  fc.constantFrom(...VALID),
  mutated(fc.constantFrom(...VALID)),
  jsonText,
  json.map((value) => JSON.stringify({ sender: 'server', notification: value })),
  json.map((value) => JSON.stringify({ sender: 'server', notification: { package: 'p', page: 'q', filters: value, data: value } })),
  json.map((value) => JSON.stringify({ notifications: value })),
  fc.array(json, { maxLength: 3 }).map((values) => JSON.stringify({ notifications: [{ package: 'p', page: 'q' }, ...values] })),
  fc
    .array(fc.tuple(fc.constantFrom('sender', 's\\u0065nder', 'notification', 'package', 'page', 'filters', 'key', 'data', 'a'), jsonText))
    .map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
);

/** What is left of a decoded value when only what is matched counts, and an error as what it tells. */
function told(result: unknown): unknown {
  if (result instanceof ProtocolError) return [result.code, result.path, result.message, result.id];
  return JSON.parse(JSON.stringify(result), (name, value) => {
    if (name !== 'notification') return value;
    const { package: owner, page, filters } = value;
    return { package: owner, page, filters };
  });
}

describe('what is read of a message that is relayed', () => {
  test.each(['base', 'v1'] as const)('is what is read of the whole, in %s (R-2.1)', (dialect) => {
    fc.assert(
      fc.property(message, (text) => {
        const whole = outcome(() => decodePeerMessage(received(text), dialect));
        const relayed = outcome(() => decodePeerMessage({ ...received(text), isRelayed: true }, dialect));
        expect(told(relayed)).toEqual(told(whole));
      }),
      { numRuns: RUNS },
    );
  });

  test('is what is read of the whole over HTTP (R-6.2)', () => {
    fc.assert(
      fc.property(message, (text) => {
        const whole = outcome(() => decodePublications(received(text)));
        const relayed = outcome(() => decodePublications({ ...received(text), isRelayed: true }));
        expect(told(relayed)).toEqual(told(whole));
      }),
      { numRuns: RUNS },
    );
  });

  test('is nothing of what is not matched', () => {
    const read = decodePeerMessage({ ...received(VALID[3] as string), isRelayed: true }, 'base');
    expect(read).toEqual({
      kind: 'publish',
      notification: { package: 'p', page: 'q', filters: { values: ['2'] } },
      start: 34,
      end: 34 + NOTIFICATION.length,
    });
  });
});
