import { describe, expect, test } from 'vitest';
import { type Dialect, decodePeerMessage, type PeerMessage, ProtocolError } from '../../src/protocol/index.js';
import { outcome, received, refusal } from './arbitraries.js';

const subscribing = (subscription: string) => `{"sender":"client","subscriptions":[${subscription}]}`;
const publishing = (notification: string) => `{"sender":"server","notification":${notification}}`;

function decode(text: string, dialect: Dialect): PeerMessage {
  return decodePeerMessage(received(text), dialect);
}

/** Code, pointer and sentence of the error for `text`. */
function refused(text: string, dialect: Dialect): readonly [string, string, string] {
  const error = refusal(() => decode(text, dialect));
  return [error.code, error.path, error.message];
}

describe('a name that the protocol knows', () => {
  const escaped = (name: string) => `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
  const TOP = ['sender', 'subscriptions', 'notification', 'id', 'key', 'resume', 'token'];
  const INNER = ['package', 'page', 'filters', 'data', 'message'];
  const MEMBERS = '"sender":"server","notification":{"package":"a","page":"b"}';

  test.each(TOP)('is refused at the top when it stands twice, in both dialects: %s (R-2.7)', (name) => {
    const known = MEMBERS.includes(`"${name}"`) ? '' : `"${name}":"x",`;
    const last = name === 'sender' ? '"server"' : '{"package":"a","page":"b"}';
    for (const dialect of ['base', 'v1'] as const) {
      const text = name === 'id' ? `{"id":"x","id":"x",${MEMBERS}}` : `{${known}${MEMBERS},"${name}":${last}}`;
      expect(refused(text, dialect)).toEqual(['invalid-message', `/${name}`, 'expected the name once, found it twice']);
    }
  });

  test.each(TOP)('is refused at the top when it is spelled with an escape, in both dialects: %s (R-2.7)', (name) => {
    const text = MEMBERS.includes(`"${name}"`)
      ? `{${MEMBERS.replace(`"${name}"`, `"${escaped(name)}"`)}}`
      : `{"${escaped(name)}":"x",${MEMBERS}}`;
    for (const dialect of ['base', 'v1'] as const) {
      expect(refused(text, dialect)).toEqual(['invalid-message', `/${name}`, 'expected the name without escapes']);
    }
  });

  test.each(INNER)('is refused in a notification when it stands twice or with an escape: %s (R-2.7)', (name) => {
    const member = (title: string) => `"${title}":${name === 'filters' ? '{}' : '"x"'}`;
    const others = ['"package":"a"', '"page":"b"'].filter((other) => !other.startsWith(`"${name}"`));
    const twice = publishing(`{${[member(name), ...others, member(name)].join(',')}}`);
    const once = publishing(`{${[member(escaped(name)), ...others].join(',')}}`);
    const plain = publishing(`{${[member(name), ...others].join(',')}}`);
    for (const dialect of ['base', 'v1'] as const) {
      const path = `/notification/${name}`;
      expect(refused(twice, dialect)).toEqual(['invalid-notification', path, 'expected the name once, found it twice']);
      expect(refused(once, dialect)).toEqual(['invalid-notification', path, 'expected the name without escapes']);
      expect(decode(plain, dialect).kind).toBe('publish');
    }
  });

  test('is refused also when one of the two is spelled with an escape (R-2.7)', () => {
    const text = '{"sender":"client","\\u0073ender":"server","subscriptions":[]}';
    expect(refused(text, 'base')).toEqual(['invalid-message', '/sender', 'expected the name once, found it twice']);
  });

  test.each([
    ['an unknown name at the top', '{"sender":"client","x":1,"x":2,"\\u0079":3,"subscriptions":[]}'],
    ['a name of the other level at the top', '{"sender":"client","package":1,"package":2,"subscriptions":[]}'],
    ['the list of an HTTP body', '{"sender":"client","notifications":1,"notifications":2,"subscriptions":[]}'],
    ['an unknown name in a notification', publishing('{"package":"a","page":"b","x":1,"x":2}')],
    ['a name of the top in a notification', publishing('{"package":"a","page":"b","sender":1,"sender":2}')],
    ['a known name in data', publishing('{"package":"a","page":"b","data":{"package":1,"p\\u0061ckage":2,"package":3}}')],
    ['a filter', publishing('{"package":"a","page":"b","filters":{"values":1,"values":2}}')],
    ['a name in a subscription', subscribing('{"package":"a","package":"b","page":"q"}')],
  ])('is no obstacle elsewhere: %s (R-2.7)', (_where, text) => {
    for (const dialect of ['base', 'v1'] as const) expect(outcome(() => decode(text, dialect))).not.toBeInstanceOf(ProtocolError);
  });
});
