import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeCodeOf, closeReasonOf, type Dialect, decodePeerMessage, type PeerMessage, ProtocolError } from '../../src/protocol/index.js';
import { json, jsonText, mutated, nested, noise, outcome, RUNS, received, refusal } from './arbitraries.js';

const NOTHING = 'expected a non-empty string, found nothing';

function decode(text: string, dialect: Dialect = 'base'): PeerMessage {
  return decodePeerMessage(received(text), dialect);
}

/** Code, pointer and sentence of the error for `text`. */
function refused(text: string, dialect: Dialect = 'base'): readonly [string, string, string] {
  const error = refusal(() => decode(text, dialect));
  return [error.code, error.path, error.message];
}

const subscribing = (subscription: string) => `{"sender":"client","subscriptions":[${subscription}]}`;
const publishing = (notification: string) => `{"sender":"server","notification":${notification}}`;

/** Valid messages that other tests damage. */
const VALID = [
  '{"sender":"client","subscriptions":[]}',
  '{"sender":"client","subscriptions":[{"package":"amaiia_msg_srv","page":"messages","filters":{"values":{"channel":["2","3","5"]}}}]}',
  '{"sender":"server","notification":{"package":"p","page":"q","filters":{"values":"2"},"data":{"total":85.0},"message":"é"}}',
  '{"sender":"client","id":"1","subscriptions":[{"package":"p","page":"q"}],"resume":[{"package":"p","page":"q","epoch":"k3","offset":118}]}',
  '{"sender":"server","id":"9","key":"order-17","notification":{"package":"p","page":"q"}}',
  '{"sender":"client","id":"2","token":"eyJ"}',
];

describe('a message', () => {
  test.each(['base', 'v1'] as const)('of %s is read as what its sender says it is (R-2.1)', (dialect) => {
    const both = '"subscriptions":[{"package":"a","page":"b"}],"other":1';
    expect(decode(`{"sender":"client",${both}}`, dialect)).toEqual({
      kind: 'subscribe',
      subscriptions: [{ package: 'a', page: 'b', filters: {} }],
    });
    expect(decode(publishing('{"package":"a","page":"b"}'), dialect)).toMatchObject({ kind: 'publish' });
  });

  test('of the base protocol may hold the payload of another sender, which is ignored (R-2.1)', () => {
    expect(decode('{"sender":"client","subscriptions":[],"notification":7}')).toEqual({ kind: 'subscribe', subscriptions: [] });
    expect(decode('{"sender":"server","subscriptions":7,"notification":{"package":"a","page":"b"}}').kind).toBe('publish');
  });

  test('of the base protocol ignores the members of the extension, whatever they hold (R-2.1)', () => {
    const text = '{"sender":"client","id":7,"key":null,"resume":"x","token":{},"subscriptions":[]}';
    expect(decode(text)).toEqual({ kind: 'subscribe', subscriptions: [] });
    const { kind, ...rest } = decode('{"sender":"server","id":"1","key":"k","notification":{"package":"a","page":"b"}}');
    expect([kind, Object.keys(rest).sort()]).toEqual(['publish', ['end', 'notification', 'start']]);
  });

  test.each([
    ['{', '', 'not JSON: expected a name in double quotes at byte 1'],
    ['hello', '', 'not JSON: expected a value at byte 0'],
    ['', '', 'not JSON: expected a value at byte 0'],
    ['[]', '', 'a message is a JSON object, found an empty array'],
    ['null', '', 'a message is a JSON object, found null'],
    ['"client"', '', 'a message is a JSON object, found a string'],
    ['{}', '/sender', 'expected "client" or "server", found nothing'],
    ['{"sender":null}', '/sender', 'expected "client" or "server", found null'],
    ['{"sender":""}', '/sender', 'expected "client" or "server", found an empty string'],
    ['{"sender":"Client"}', '/sender', 'expected "client" or "server", found another string'],
    ['{"sender":["client"]}', '/sender', 'expected "client" or "server", found an array'],
    ['{"__proto__":{"sender":"client"},"subscriptions":[]}', '/sender', 'expected "client" or "server", found nothing'],
    ['{"sender":"client"}', '/subscriptions', 'expected an array of subscriptions, found nothing'],
    ['{"sender":"client","notification":{}}', '/subscriptions', 'expected an array of subscriptions, found nothing'],
    ['{"sender":"server"}', '/notification', 'expected a notification, found nothing'],
    ['{"sender":"server","subscriptions":[]}', '/notification', 'expected a notification, found nothing'],
  ])('that is %s is refused in both dialects (R-2.1)', (text, path, sentence) => {
    expect(refused(text, 'base')).toEqual(['invalid-message', path, sentence]);
    expect(refused(text, 'v1')).toEqual(['invalid-message', path, sentence]);
  });

  test.each(['arrays', 'objects', 'mixed'] as const)('nests 64 levels of %s and no more (R-2.5)', (kind) => {
    const text = (levels: number) => `{"sender":"client","x":${nested(levels - 1, kind)},"subscriptions":[]}`;
    expect(decode(text(64)).kind).toBe('subscribe');
    expect(refused(text(65))).toEqual(['invalid-message', '', 'nested deeper than 64 levels']);
    expect(refused(text(100_000), 'v1')).toEqual(['invalid-message', '', 'nested deeper than 64 levels']);
  });

  test('is refused, never anything else thrown, whatever it is (R-2.1)', () => {
    const anything = fc.oneof(
      noise,
      fc.string({ unit: 'binary' }),
      jsonText,
      json.map((value) => JSON.stringify(value)),
      mutated(fc.constantFrom(...VALID)),
      json.map((value) => JSON.stringify({ sender: 'client', subscriptions: value })),
      json.map((value) =>
        JSON.stringify({ sender: 'client', subscriptions: [{ package: 'p', page: 'q', filters: value }], resume: value }),
      ),
      json.map((value) => JSON.stringify({ sender: 'server', notification: { package: 'p', page: 'q', filters: value }, key: value })),
      json.map((value) => JSON.stringify({ sender: 'server', id: value, notification: value })),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom<Dialect>('base', 'v1'), (text, dialect) => {
        const result = outcome(() => decode(text, dialect));
        if (!(result instanceof ProtocolError)) return;
        expect(result.message).not.toBe('');
        expect(Buffer.byteLength(closeReasonOf(result))).toBeLessThanOrEqual(123);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('subscriptions', () => {
  test('are read with their filters, every form of none as no members (R-2.2)', () => {
    const forms = ['null', '{}', '[]', 'true', '{"values":"2"}'].map((form) => `{"package":"a","page":"b","filters":${form},"x":1}`);
    const message = decode(subscribing(['{"package":"a","page":"b"}', ...forms].join(',')));
    const filters = message.kind === 'subscribe' && message.subscriptions.map((subscription) => subscription.filters);
    expect(filters).toEqual([{}, {}, {}, {}, {}, { values: '2' }]);
  });

  test('may be an empty list (R-2.2)', () => {
    expect(decode('{"sender":"client","subscriptions":[]}')).toEqual({ kind: 'subscribe', subscriptions: [] });
  });

  test.each([
    ['{"sender":"client","subscriptions":null}', '/subscriptions', 'expected an array of subscriptions, found null'],
    ['{"sender":"client","subscriptions":{}}', '/subscriptions', 'expected an array of subscriptions, found an object'],
    [subscribing('null'), '/subscriptions/0', 'expected a subscription (an object), found null'],
    [subscribing('[]'), '/subscriptions/0', 'expected a subscription (an object), found an empty array'],
    [subscribing('{}'), '/subscriptions/0/package', NOTHING],
    [subscribing('{"package":"a","page":"b"},{"package":"a"}'), '/subscriptions/1/page', NOTHING],
    [subscribing('{"package":"a","page":"b","filters":"2"}'), '/subscriptions/0/filters', 'expected an object of filters, found a string'],
    [subscribing('{"package":"a","page":"b","filters":false}'), '/subscriptions/0/filters', 'expected an object of filters, found false'],
    [
      subscribing('{"package":"a","page":"b","filters":["2"]}'),
      '/subscriptions/0/filters',
      'expected an object of filters, found an array',
    ],
    [
      subscribing(`{"package":"a","page":"b","filters":${nested(9, 'objects')}}`),
      '/subscriptions/0/filters',
      'nested deeper than 8 levels',
    ],
  ])('such as %s are refused as a whole (R-2.2)', (text, path, sentence) => {
    expect(refused(text, 'base')).toEqual(['invalid-subscription', path, sentence]);
    expect(refused(text, 'v1')).toEqual(['invalid-subscription', path, sentence]);
  });

  test('are at most 1,000 in one message (R-2.6)', () => {
    const many = (count: number) => subscribing(Array(count).fill('{"package":"a","page":"b"}').join(','));
    expect(decode(many(1000)).kind).toBe('subscribe');
    expect(refused(many(1001))).toEqual(['too-many', '/subscriptions', 'expected at most 1000 subscriptions, found 1001']);
    expect(closeCodeOf(refusal(() => decode(many(1001))))).toBe(4429);
  });

  test('have at most 10,000 values, objects and arrays in all their filters (R-2.6)', () => {
    // An object and an array stand around the values of each.
    const holding = (values: number) => `{"package":"a","page":"b","filters":{"a":[${Array(values).fill('1').join(',')}]}}`;
    expect(decode(subscribing(`${holding(4998)},${holding(4998)}`)).kind).toBe('subscribe');
    const sentence = 'expected at most 10000 filter values in all, found 10001';
    expect(refused(subscribing(`${holding(4998)},${holding(4999)}`))).toEqual(['too-many', '/subscriptions', sentence]);
    expect(refused(subscribing(`${holding(4998)},${holding(4998)},{"package":"a","page":"b"}`), 'v1')).toEqual([
      'too-many',
      '/subscriptions',
      sentence,
    ]);
  });
});

describe('the name of a package or a page', () => {
  const named = (name: unknown) => JSON.stringify({ package: name, page: 'b' });

  test.each([
    ['one byte', 'a'],
    ['256 bytes of one each', 'a'.repeat(256)],
    ['256 bytes of two each', 'é'.repeat(128)],
    ['256 bytes of four each', '😀'.repeat(64)],
    ['spaces and control characters', ' \u0000|'],
  ])('may be %s long (R-2.4)', (_length, name) => {
    expect(decode(subscribing(named(name)))).toMatchObject({ subscriptions: [{ package: name, page: 'b' }] });
    expect(decode(publishing(named(name)))).toMatchObject({ notification: { package: name } });
  });

  test.each([
    ['', 'expected a non-empty string, found an empty string'],
    [null, 'expected a non-empty string, found null'],
    [7, 'expected a non-empty string, found a number'],
    [['a'], 'expected a non-empty string, found an array'],
    ['a'.repeat(257), 'expected at most 256 bytes, found 257'],
    [`a${'é'.repeat(128)}`, 'expected at most 256 bytes, found 257'],
    ['\ud800'.repeat(86), 'expected at most 256 bytes, found 258'],
  ])('may not be %j (R-2.4)', (name, sentence) => {
    expect(refused(subscribing(named(name)))).toEqual(['invalid-subscription', '/subscriptions/0/package', sentence]);
    expect(refused(publishing(named(name)))).toEqual(['invalid-notification', '/notification/package', sentence]);
    const page = JSON.stringify({ package: 'a', page: name });
    expect(refused(publishing(page))).toEqual(['invalid-notification', '/notification/page', sentence]);
  });
});

describe('a notification', () => {
  test('is noted with the place of its bytes, which are relayed (R-2.3)', () => {
    const bytes = '{ "package":"p","page" : "q","big":12345678901234567890,"é":85.0, "filters":{"b":1,"a":2} }';
    const message = received(`{"x":"é","notification":\n ${bytes}\t,"sender":"server"}`);
    const decoded = decodePeerMessage(message, 'base');
    if (decoded.kind !== 'publish') throw new Error(`expected a publication, found ${decoded.kind}`);
    expect(Buffer.from(message.bytes.subarray(decoded.start, decoded.end)).toString()).toBe(bytes);
    expect(decoded.notification).toEqual(JSON.parse(bytes));
  });

  test('has the bytes of the value that was read, for any JSON in it (R-2.3)', () => {
    fc.assert(
      fc.property(jsonText, jsonText, (data, other) => {
        const notification = `{"data":${data},"package":"p","é":${other},"page":"q"}`;
        const message = received(`{"other":${other} ,"sender":"server","notification": ${notification} }`);
        const decoded = decodePeerMessage(message, 'v1');
        if (decoded.kind !== 'publish') throw new Error(`expected a publication, found ${decoded.kind}`);
        const relayed = Buffer.from(message.bytes.subarray(decoded.start, decoded.end)).toString();
        expect(relayed).toBe(received(notification).text);
        expect({ ...decoded.notification }).toEqual({ ...(JSON.parse(relayed) as object), filters: {} });
      }),
      { numRuns: RUNS },
    );
  });

  test.each([
    [publishing('null'), '/notification', 'expected a notification (an object), found null'],
    [publishing('[]'), '/notification', 'expected a notification (an object), found an empty array'],
    [publishing('"x"'), '/notification', 'expected a notification (an object), found a string'],
    [publishing('{}'), '/notification/package', NOTHING],
    [publishing('{"package":"a"}'), '/notification/page', NOTHING],
    [publishing('{"package":"a","page":"b","filters":true}'), '/notification/filters', 'expected an object of filters, found true'],
    [publishing('{"package":"a","page":"b","filters":2}'), '/notification/filters', 'expected an object of filters, found a number'],
    [publishing(`{"package":"a","page":"b","filters":${nested(9, 'objects')}}`), '/notification/filters', 'nested deeper than 8 levels'],
  ])('such as %s is refused (R-2.3)', (text, path, sentence) => {
    expect(refused(text, 'base')).toEqual(['invalid-notification', path, sentence]);
    expect(refused(text, 'v1')).toEqual(['invalid-notification', path, sentence]);
  });

  test('has no bounds on the depth of its data but that of the message (R-2.5)', () => {
    const text = (levels: number) => publishing(`{"package":"a","page":"b","data":${nested(levels - 2, 'mixed')}}`);
    expect(decode(text(64)).kind).toBe('publish');
    expect(refused(text(65))).toEqual(['invalid-message', '', 'nested deeper than 64 levels']);
  });
});
