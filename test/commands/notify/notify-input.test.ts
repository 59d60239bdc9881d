import { describe, expect, it } from 'vitest';
import { decodeInput } from '../../../src/commands/notify/notify-input.js';

const N = '{"package":"p","page":"q"}';

function decode(text: string) {
  return decodeInput({ name: 'n.json', bytes: Buffer.from(text), text });
}

describe('decodeInput', () => {
  it.each([
    [
      'a bare notification',
      ` { "page":"q","package":"p", "data":[12345678901234567890,85.0] }\n`,
      ['{ "page":"q","package":"p", "data":[12345678901234567890,85.0] }'],
    ],
    ["a publisher's whole message", `{"sender":"server","notification": {"package":"p","page":"é"} }`, ['{"package":"p","page":"é"}']],
    ['a list', `{"notifications":[${N}, ${N}]}`, [N, N]],
    ['a notification over several lines', '{\n"package":"p",\n"page":"q"\n}\n', ['{\n"package":"p",\n"page":"q"\n}']],
  ])('reads %s, byte for byte (R-6.2, R-2.3)', (_, text, expected) => {
    expect(decode(text).map(({ json }) => json)).toEqual(expected);
  });

  it('reads NDJSON, each line in any of the forms, blank lines and CRLF between them, and knows the lines', () => {
    const text = `${N}\r\n\r\n{"sender":"server","notification":${N}}\n{"notifications":[${N},${N}]}`;
    expect(decode(text)).toEqual([
      { json: N, origin: 'n.json:1' },
      { json: N, origin: 'n.json:3' },
      { json: N, origin: 'n.json:4' },
      { json: N, origin: 'n.json:4' },
    ]);
  });

  it('keeps the key of a whole message (R-5.8)', () => {
    expect(decode(`{"sender":"server","key":"order-17","notification":${N}}`)).toEqual([{ json: N, key: 'order-17' }]);
  });

  it.each([
    ['{"package":"p",\n "page":q}', 'n.json:2:9: not JSON: expected a value'],
    ['{"package":"é",]', 'n.json:1:16: not JSON: expected a name in double quotes'],
    ['{"package":"p"', 'n.json:1:15: not JSON: expected "," or "}"'],
    [`${N}\n{"package":"p",}\n`, 'n.json:2:16: not JSON: expected a name in double quotes'],
    [`${N}\n${N}\nnull\n`, 'n.json:3: a notification is a JSON object, found null'],
    [`${N}\n{"package":"p"}`, 'n.json:2: /page: expected a non-empty string, found nothing'],
    [`{"package":"p"}\n${N}`, 'n.json:1: /page: expected a non-empty string, found nothing'],
    ['{"package":"p","page":"q","filters":2}', 'n.json: /filters: expected an object of filters, found a number'],
    [
      '{"sender":"server","notification":{"package":""}}',
      'n.json: /notification/package: expected a non-empty string, found an empty string',
    ],
    [`{"notifications":[${N},{"package":"p"}]}`, 'n.json: /notifications/1/page: expected a non-empty string, found nothing'],
    [`{"notification":${N}}`, 'n.json: /sender: expected "server", found nothing'],
    ['{"sender":"client","subscriptions":[]}', 'n.json: /sender: expected "server", found "client"'],
    ['{"package":"p","package":"o","page":"q"}', 'n.json: /package: expected the name once, found it twice'],
    ['[]', 'n.json: a notification is a JSON object, found an empty array'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => decode(text)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
  });
});
