import { describe, expect, test } from 'vitest';
import { Origins } from '../../src/server/origins.js';

describe('origins', () => {
  test.each([
    ['a default port', ['https://app.example.org:443'], 'https://app.example.org', true],
    ['a port', ['https://app.example.org:8443'], 'https://app.example.org:8443', true],
    ['another port', ['https://app.example.org:8443'], 'https://app.example.org', false],
    ['capitals in the list', ['HTTPS://App.Example.org'], 'https://app.example.org', true],
    ['a slash at the end', ['https://app.example.org/'], 'https://app.example.org', true],
    ['an international name', ['https://bücher.example'], 'https://xn--bcher-kva.example', true],
    ['an IPv6 address', ['http://[2001:DB8::5]:80'], 'http://[2001:db8::5]', true],
    ['the scheme of an app', ['capacitor://localhost'], 'capacitor://localhost', true],
    ['the scheme of an app in capitals', ['capacitor://LOCALHOST/'], 'capacitor://localhost', true],
    ['an extension', ['chrome-extension://abcdef'], 'chrome-extension://abcdef', true],
    ['another extension', ['chrome-extension://abcdef'], 'chrome-extension://fedcba', false],
    ['an extension where null is listed', ['null'], 'chrome-extension://abcdef', false],
    ['a file where null is listed', ['null'], 'file://', false],
    ['a user where the origin is listed', ['https://app.example.org'], 'https://evil@app.example.org', false],
    ['a slash that no browser sends', ['https://app.example.org'], 'https://app.example.org/', false],
    ['a path where the origin is listed', ['https://app.example.org'], 'https://app.example.org/x', false],
    ['a user of an app', ['capacitor://localhost'], 'capacitor://evil@localhost', false],
    ['null where it is not listed', ['https://app.example.org'], 'null', false],
    ['nonsense', ['https://app.example.org'], 'https://', false],
    ['a list in the header', ['https://app.example.org'], 'https://app.example.org https://evil.example', false],
  ])('compares %s: %j with %j: %s (R-7.5)', (_, listed, origin, isAllowed) => {
    for (const isAuthenticated of [true, false]) expect(new Origins(listed, isAuthenticated).allows({ origin, host: 'h' })).toBe(isAllowed);
  });

  test.each([
    ['h:8000', 'http://h:8000', true],
    ['h', 'https://h', true],
    ['H', 'http://h:80', true],
    ['h:443', 'https://h', true],
    ['h:80', 'https://h', false],
    ['h:8000', 'http://h', false],
    ['h', 'http://h.evil.example', false],
    ['h', 'null', false],
    ['h', '', false],
    ['', 'http://h', false],
    ['[::1]:8000', 'http://[::1]:8000', true],
    [undefined, 'http://h', false],
    ['h', 'http://evil@h', false],
    ['h', 'http://evil:x@h', false],
    ['h', 'http://@h', false],
    ['h', 'http://h/', false],
    ['h', 'http://h/x', false],
    ['h', 'http://h?x', false],
    ['h', 'http://h#x', false],
    ['h', 'http:h', false],
    ['h', 'http:/h', false],
    ['h', 'http:\\\\h', false],
    ['h', 'http:///h', false],
    ['h', ' http://h', false],
    ['h', 'http://h\t', false],
    ['h', 'http://%68', false],
    ['h', 'http://h:', false],
    ['h', 'http://h http://h', false],
    ['h', 'http://h, http://h', false],
  ])('takes the host itself for its own: %j and %j: %s (R-7.5)', (host, origin, isAllowed) => {
    expect(new Origins([], true).allows(host === undefined ? { origin } : { origin, host })).toBe(isAllowed);
  });

  test.each([
    ['app.example.org', 'has "app.example.org"'],
    ['https://app.example.org/path', 'expected an origin such as https://app.example.org, or *'],
    ['https://app.example.org?x', 'expected an origin'],
    ['https://user@app.example.org', 'expected an origin'],
    ['https://*.example.org', 'expected an origin'],
    ['', 'has ""'],
    ['mailto:x', 'expected an origin'],
  ])('refuses %j in a list (R-7.5)', (entry, message) => {
    expect(() => new Origins(['https://ok.example', entry], true)).toThrow(expect.objectContaining({ option: 'allowOrigins' }));
    expect(() => new Origins([entry], true)).toThrow(message);
  });
});
