import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBrokerMessage, ProtocolError } from '../../src/protocol/index.js';
import { json, jsonText, mutated, nested, noise, outcome, RUNS, refusal } from './arbitraries.js';

const POSITION = { epoch: 'k3', offset: 122 };
const TOPIC = { package: 'p', page: 'q', ...POSITION };

/** What the broker sends (without `sender`), and what the client reads. */
const MESSAGES: readonly (readonly [object, object])[] = [
  [{ notification: { package: 'p', page: 'q', x: 1 } }, { kind: 'notification', notification: { package: 'p', page: 'q', x: 1 } }],
  [
    { notification: { package: 'p', page: 'q' }, position: POSITION },
    { kind: 'notification', notification: { package: 'p', page: 'q' }, position: POSITION },
  ],
  [
    { hello: { version: 1, connection: 'c', heartbeatMs: 25_000, jitterMs: 5000, later: 1 } },
    { kind: 'hello', hello: { version: 1, connection: 'c', heartbeatMs: 25_000, jitterMs: 5000 } },
  ],
  [
    { id: '1', subscribed: { topics: [TOPIC] } },
    { kind: 'subscribed', id: '1', topics: [TOPIC] },
  ],
  [
    { subscribed: { topics: [{ ...TOPIC, recovered: true, replayed: 2 }] } },
    { kind: 'subscribed', topics: [{ ...TOPIC, recovered: true, replayed: 2 }] },
  ],
  [{ subscribed: { topics: [] } }, { kind: 'subscribed', topics: [] }],
  [
    { id: '9', receipt: { position: POSITION, matched: 12, duplicate: false } },
    { kind: 'receipt', id: '9', receipt: { position: POSITION, matched: 12, duplicate: false } },
  ],
  [
    { error: { code: 'forbidden', message: 'm', retry: false } },
    { kind: 'error', error: { code: 'forbidden', message: 'm', retry: false } },
  ],
  [
    { id: '1', error: { code: 'a-later-code', path: '/x', message: 'm', retry: true } },
    { kind: 'error', id: '1', error: { code: 'a-later-code', path: '/x', message: 'm', retry: true } },
  ],
  [{ mark: [] }, { kind: 'mark', topics: [] }],
  [{ mark: [TOPIC] }, { kind: 'mark', topics: [TOPIC] }],
  [{ reset: [{ ...TOPIC, offset: 0 }] }, { kind: 'reset', topics: [{ ...TOPIC, offset: 0 }] }],
  [
    { id: '2', authenticated: { expiresAt: 1 } },
    { kind: 'authenticated', id: '2', expiresAt: 1 },
  ],
  [{ authenticated: {} }, { kind: 'authenticated' }],
];

const written = (message: object) => JSON.stringify({ sender: 'server', ...message });

describe('what a client reads of a broker', () => {
  test.each(MESSAGES)('%j is understood', (message, read) => {
    expect(decodeBrokerMessage(written(message))).toEqual(read);
  });

  test('a payload that a later version may bring is passed over', () => {
    expect(decodeBrokerMessage('{"sender":"server","weather":{}}')).toBeUndefined();
    expect(decodeBrokerMessage('{"sender":"server"}')).toBeUndefined();
  });

  test.each([
    ['{', '', 'not JSON'],
    ['[]', '', 'a message is a JSON object, found an empty array'],
    ['{"notification":{}}', '/sender', 'expected "server", found nothing'],
    ['{"sender":"client","subscriptions":[]}', '/sender', 'expected "server", found a string'],
    [written({ notification: 'x' }), '/notification', 'expected an object, found a string'],
    [written({ notification: {}, position: null }), '/position', 'expected an object, found null'],
    [written({ notification: {}, position: { epoch: 7, offset: 1 } }), '/position/epoch', 'expected a string, found a number'],
    [written({ notification: {}, position: { epoch: 'k' } }), '/position/offset', 'expected a number, found nothing'],
    [written({ hello: { version: 2 } }), '/hello/version', 'expected version 1'],
    [written({ hello: { version: 1 } }), '/hello/connection', 'expected a string, found nothing'],
    [written({ hello: { version: 1, connection: 'c' } }), '/hello/heartbeatMs', 'expected a number, found nothing'],
    [written({ subscribed: [] }), '/subscribed', 'expected an object, found an empty array'],
    [written({ subscribed: {} }), '/subscribed/topics', 'expected an array, found nothing'],
    [written({ subscribed: { topics: [TOPIC, {}] } }), '/subscribed/topics/1/package', 'expected a string, found nothing'],
    [written({ receipt: {} }), '/receipt/position', 'expected an object, found nothing'],
    [written({ receipt: { position: POSITION } }), '/receipt/matched', 'expected a number, found nothing'],
    [written({ error: { message: 'm' } }), '/error/code', 'expected a string, found nothing'],
    [written({ error: { code: 'internal' } }), '/error/message', 'expected a string, found nothing'],
    [written({ mark: {} }), '/mark', 'expected an array, found an object'],
    [written({ mark: [7] }), '/mark/0', 'expected an object, found a number'],
    [written({ reset: [{ package: 'p', page: 'q' }] }), '/reset/0/epoch', 'expected a string, found nothing'],
    [written({ authenticated: { expiresAt: '1' } }), '/authenticated/expiresAt', 'expected a number, found a string'],
  ])('%s is refused', (text, path, sentence) => {
    const error = refusal(() => decodeBrokerMessage(text));
    expect([error.code, error.path, error.message]).toEqual(['invalid-message', path, sentence]);
  });

  test('nothing but a ProtocolError is thrown, whatever comes', () => {
    expect(outcome(() => decodeBrokerMessage(nested(100_000, 'arrays')))).toBeInstanceOf(ProtocolError);
    const payload = fc.constantFrom(
      'notification',
      'position',
      'hello',
      'subscribed',
      'receipt',
      'error',
      'mark',
      'reset',
      'authenticated',
    );
    const anything = fc.oneof(
      noise,
      fc.string({ unit: 'binary' }),
      jsonText,
      fc.tuple(payload, json).map(([name, value]) => written({ [name]: value })),
      fc.tuple(json, json).map(([notification, position]) => written({ notification, position })),
      mutated(fc.constantFrom(...MESSAGES.map(([message]) => written(message)))),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const result = outcome(() => decodeBrokerMessage(text));
        if (result !== undefined && !(result instanceof ProtocolError)) expect(result.kind).not.toBe('');
      }),
      { numRuns: RUNS },
    );
  });
});
