import { describe, expect, it } from 'vitest';
import { type NotificationParts, notificationFrom } from '../../../src/commands/notify/notification-text.js';

function textOf(parts: Partial<NotificationParts>): string {
  return notificationFrom({ package: 'p', page: 'q', ...parts }).json;
}

describe('notificationFrom', () => {
  it('writes the seed example of a message', () => {
    const data = '{"messageId":"12345","channelId":"2"}';
    expect(notificationFrom({ package: 'amaiia_msg_srv', page: 'messages', values: '2', data, message: 'Nouveau message reçu' }).json).toBe(
      `{"package":"amaiia_msg_srv","page":"messages","filters":{"values":"2"},"data":${data},"message":"Nouveau message reçu"}`,
    );
  });

  it.each([
    ['one value as a string', { values: '2' }, '{"values":"2"}'],
    ['several as a list of strings', { values: '2, 3,x y' }, '{"values":["2","3","x y"]}'],
    ['JSON as it is typed', { values: '{"oee":85.0,"id":12345678901234567890}' }, '{"values":{"oee":85.0,"id":12345678901234567890}}'],
    ['a string of JSON, which may have commas', { values: '"a,b"' }, '{"values":"a,b"}'],
    ['a filter of another name', { filter: ['site=paris'] }, '{"site":"paris"}'],
    ['names that lead to names', { filter: ['values.channel=2', 'values.line=4,5'] }, '{"values":{"channel":"2","line":["4","5"]}}'],
    ['values and filters together', { values: '2', filter: ['a=b=c'] }, '{"values":"2","a":"b=c"}'],
  ])('takes %s', (_, parts, filters) => {
    expect(textOf(parts)).toBe(`{"package":"p","page":"q","filters":${filters}}`);
  });

  it('escapes names and messages', () => {
    expect(textOf({ package: 'a"b', message: 'line\nline' })).toBe('{"package":"a\\"b","page":"q","message":"line\\nline"}');
  });

  it.each<[Partial<NotificationParts>, string]>([
    [{ data: '{"a":1,}' }, '--data:1:8: not JSON: expected a name in double quotes'],
    [{ data: 'hello' }, '--data:1:1: not JSON: expected a value'],
    [{ values: '[1' }, '--values:1:3: not JSON: expected "," or "]"'],
    [{ values: '2,,3' }, '--values: expected VALUE or VALUE,VALUE without empty values, found "2,,3"'],
    [{ filter: ['values'] }, '--filter: expected NAME=VALUES or NAME.NAME=VALUES, found "values"'],
    [{ filter: ['a..b=1'] }, '--filter: expected NAME=VALUES or NAME.NAME=VALUES, found "a..b=1"'],
    [{ values: '2', filter: ['values=3'] }, 'the filter values is given twice: put its values together, as in --filter values=2,3'],
    [{ values: '2', filter: ['values.a=3'] }, 'the filter values.a goes on where another filter ends'],
    [{ filter: ['v.a=3', 'v=2'] }, 'the filter v ends where another filter goes on'],
    [{ package: '' }, '/package: expected a non-empty string, found an empty string'],
    [{ filter: ['a.b.c.d.e.f.g.h.i=1'] }, '/filters: nested deeper than 8 levels'],
  ])('says what is wrong with %j', (parts, message) => {
    expect(() => textOf(parts)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
  });
});
