import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePublications, ProtocolError } from '../../src/protocol/index.js';
import { json, jsonText, mutated, nested, noise, outcome, RUNS, received, refusal } from './arbitraries.js';

const BARE = '{ "package":"p","page":"q","big":12345678901234567890,"é":85.0 }';

/** The bytes of each publication in `text`, as they are relayed. */
function relayed(text: string): readonly string[] {
  const body = received(text);
  return decodePublications(body).publications.map(({ start, end }) => Buffer.from(body.bytes.subarray(start, end)).toString());
}

function refused(text: string): readonly [string, string, string] {
  const error = refusal(() => decodePublications(received(text)));
  return [error.code, error.path, error.message];
}

describe('what is published over HTTP', () => {
  test('may be a bare notification (R-6.2)', () => {
    const { isList, key, publications } = decodePublications(received(BARE));
    expect([isList, key, publications.length]).toEqual([false, undefined, 1]);
    expect(publications[0]?.notification).toMatchObject({ package: 'p', page: 'q', filters: {} });
    expect(relayed(`\n ${BARE}\t`)).toEqual([BARE]);
  });

  test('may be wrapped as a publisher’s message, with a key (R-6.2)', () => {
    const text = `{"sender":"server","key":"order-17","id":7,"notification": ${BARE} }`;
    const { isList, key } = decodePublications(received(text));
    expect([isList, key]).toEqual([false, 'order-17']);
    expect(relayed(text)).toEqual([BARE]);
  });

  test('may be a list, which may be empty (R-6.2)', () => {
    const other = '{"package":"p","page":"r","filters":{"values":["2"]}}';
    const text = `{"x":1,"notifications":[ ${BARE} ,${other}]}`;
    expect(decodePublications(received(text)).isList).toBe(true);
    expect(relayed(text)).toEqual([BARE, other]);
    expect(decodePublications(received('{"notifications":[]}'))).toEqual({ isList: true, publications: [] });
  });

  test.each([
    ['[]', 'invalid-message', '', 'a notification is a JSON object, found an empty array'],
    ['{', 'invalid-message', '', 'not JSON: expected a name in double quotes at byte 1'],
    ['{}', 'invalid-notification', '/package', 'expected a non-empty string, found nothing'],
    ['{"package":"p","page":""}', 'invalid-notification', '/page', 'expected a non-empty string, found an empty string'],
    ['{"package":"p","page":"q","filters":true}', 'invalid-notification', '/filters', 'expected an object of filters, found true'],
    [`{"notification":${BARE}}`, 'invalid-message', '/sender', 'expected "server", found nothing'],
    [`{"sender":null,"notification":${BARE}}`, 'invalid-message', '/sender', 'expected "server", found null'],
    [`{"sender":"client","notification":${BARE}}`, 'invalid-message', '/sender', 'expected "server", found "client"'],
    ['{"sender":"client","subscriptions":[]}', 'invalid-message', '/sender', 'expected "server", found "client"'],
    ['{"sender":"server"}', 'invalid-message', '/notification', 'expected a notification, found nothing'],
    [
      '{"sender":"server","notification":{"package":"p"}}',
      'invalid-notification',
      '/notification/page',
      'expected a non-empty string, found nothing',
    ],
    [`{"sender":"server","key":"","notification":${BARE}}`, 'invalid-key', '/key', 'expected a non-empty string, found an empty string'],
    [
      `{"sender":"server","token":"t","notification":${BARE}}`,
      'invalid-message',
      '/token',
      'expected one of subscriptions, notification, token; found 2',
    ],
    ['{"notifications":{}}', 'invalid-message', '/notifications', 'expected an array of notifications, found an object'],
    [`{"notifications":[${BARE},7]}`, 'invalid-notification', '/notifications/1', 'expected a notification (an object), found a number'],
    [
      `{"notifications":[${BARE},${BARE},{"package":"p"}]}`,
      'invalid-notification',
      '/notifications/2/page',
      'expected a non-empty string, found nothing',
    ],
  ])('is refused when it is %s (R-6.2)', (text, code, path, sentence) => {
    expect(refused(text)).toEqual([code, path, sentence]);
  });

  test.each([
    ['{"package":"p","package":"p","page":"q"}', 'invalid-notification', '/package', 'expected the name once, found it twice'],
    ['{"p\\u0061ckage":"p","page":"q"}', 'invalid-notification', '/package', 'expected the name without escapes'],
    [
      `{"sender":"client","sender":"server","notification":${BARE}}`,
      'invalid-message',
      '/sender',
      'expected the name once, found it twice',
    ],
    [`{"\\u0073ender":"server","notification":${BARE}}`, 'invalid-message', '/sender', 'expected the name without escapes'],
    [`{"notifications":[${BARE}],"notifications":[]}`, 'invalid-message', '/notifications', 'expected the name once, found it twice'],
    ['{"\\u006eotifications":[]}', 'invalid-message', '/notifications', 'expected the name without escapes'],
    [
      `{"notifications":[${BARE},{"package":"p","page":"q","page":"q"}]}`,
      'invalid-notification',
      '/notifications/1/page',
      'expected the name once, found it twice',
    ],
  ])('is refused when a known name is ambiguous: %s (R-2.7, R-6.2)', (text, code, path, sentence) => {
    expect(refused(text)).toEqual([code, path, sentence]);
  });

  test('nests as deep as leaves room for the message that delivers it (R-2.5)', () => {
    const bare = (levels: number) => `{"package":"p","page":"q","data":${nested(levels - 1, 'mixed')}}`;
    expect(relayed(bare(63))).toEqual([bare(63)]);
    expect(refused(bare(64))).toEqual(['invalid-notification', '', 'nested deeper than 63 levels']);
    expect(relayed(`{"sender":"server","notification":${bare(63)}}`)).toEqual([bare(63)]);
    expect(refused(bare(65))).toEqual(['invalid-message', '', 'nested deeper than 64 levels']);
  });

  test('relays the bytes of any bare notification, and of each in a list (R-6.2)', () => {
    fc.assert(
      fc.property(jsonText, jsonText, (one, other) => {
        const texts = [`{"data":${one},"package":"p","page":"q"}`, `{"package":"p","page":"q","é":${other} }`].map(
          (text) => received(text).text,
        );
        expect(relayed(texts[0] ?? '')).toEqual([texts[0]]);
        expect(relayed(`{"other":${other},"notifications":[${texts.join(' ,\n')} ]}`)).toEqual(texts);
      }),
      { numRuns: RUNS },
    );
  });

  test('is refused, never anything else thrown, whatever it is (R-6.2)', () => {
    const anything = fc.oneof(
      noise,
      jsonText,
      json.map((value) => JSON.stringify(value)),
      json.map((value) => JSON.stringify({ notifications: value })),
      json.map((value) => JSON.stringify({ notifications: [value, { package: 'p', page: 'q', filters: value }] })),
      json.map((value) => JSON.stringify({ sender: 'server', key: value, notification: value })),
      json.map((value) => JSON.stringify({ sender: value, notification: value })),
      mutated(fc.constantFrom(BARE, `{"notifications":[${BARE},${BARE}]}`, `{"sender":"server","notification":${BARE}}`)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const result = outcome(() => decodePublications(received(text)));
        if (!(result instanceof ProtocolError)) for (const { start, end } of result.publications) expect(end).toBeGreaterThan(start);
      }),
      { numRuns: RUNS },
    );
  });
});
