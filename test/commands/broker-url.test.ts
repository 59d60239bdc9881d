import { describe, expect, it } from 'vitest';
import { parseBrokerUrl } from '../../src/commands/broker-url.js';

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
