import { describe, expect, it } from 'vitest';
import { displayUrl, parseBrokerUrl } from '../../../src/commands/broker/broker-url.js';

describe('the URL of a broker', () => {
  it.each([
    ['ws://127.0.0.1:8000', 'ws://127.0.0.1:8000'],
    ['ws://127.0.0.1:8000/', 'ws://127.0.0.1:8000'],
    ['wss://example.org/notifications?a=1', 'wss://example.org/notifications?a=1'],
    ['http://127.0.0.1:8000', 'ws://127.0.0.1:8000'],
    ['HTTPS://example.org', 'wss://example.org'],
  ])('%s means %s', (given, url) => {
    expect(parseBrokerUrl(given)).toBe(url);
  });

  it.each(['', 'localhost', 'localhost:8000', 'ftp://example.org', 'ws://', 'ws://example.org/#part'])(
    '%j is refused with an example',
    (given) => {
      expect(() => parseBrokerUrl(given)).toThrow('such as ws://127.0.0.1:8000');
    },
  );
});

describe('the URL that is shown', () => {
  it.each([
    ['ws://127.0.0.1:8000', 'ws://127.0.0.1:8000'],
    ['ws://user:pw@example.org:8000/a@b', 'ws://example.org:8000/a@b'],
    ['wss://token@example.org?a=@', 'wss://example.org?a=@'],
    ['ws://example.org/?a=b@c', 'ws://example.org/?a=b@c'],
    ['http://:pw@example.org/notify', 'http://example.org/notify'],
    ['wss://example.org/?a=1&token=a.b.c', 'wss://example.org/?a=1&token=***'],
    ['wss://example.org?token=a.b.c&b=2', 'wss://example.org?token=***&b=2'],
  ])('of %s is %s, without a name, a password and a token', (url, shown) => {
    expect(displayUrl(url)).toBe(shown);
  });
});
