import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/commands/settings/read-file.js';
import { formatFileError } from '../../../src/document/index.js';
import { folder } from './given.js';

const DIGEST = 'a'.repeat(64);

/** Lines and messages of what is wrong with a file of this text. */
function errorsOf(text: string): readonly string[] {
  using dir = folder();
  const { errors } = readSettings(dir.write('wsn.yaml', text));
  return errors.map(({ place, message }) => `${place.line}:${place.column}: ${message}`);
}

function valuesOf(text: string): Readonly<Record<string, unknown>> {
  using dir = folder();
  const { values, errors } = readSettings(dir.write('wsn.yaml', text));
  expect(errors).toEqual([]);
  const shown = (value: unknown) => (typeof value === 'string' ? value.replace(dir.path, 'DIR') : value);
  return Object.fromEntries([...values].map(([{ path }, { value }]) => [path, shown(value)]));
}

describe('a file with settings', () => {
  it.each([
    ['listen: { port: 1, host: "::1" }', { 'listen.port': 1, 'listen.host': '::1' }],
    ['limits: { message: 2KiB, header: 4096, connections: 0 }', { 'limits.message': 2048, 'limits.header': 4096, 'limits.connections': 0 }],
    ['timeouts: { drain: 0, close: 1.5s }', { 'timeouts.drain': 0, 'timeouts.close': 1500 }],
    [
      'access: { allowPublish: [10.0.0.0/8, "::1"], allowOrigins: ["*"] }',
      { 'access.allowPublish': ['10.0.0.0/8', '::1'], 'access.allowOrigins': ['*'] },
    ],
    ['access: { tolerant: true }', { 'access.tolerant': true }],
    ['anonymous: { subscribe: all, publish: none }', { 'anonymous.subscribe': 'all', 'anonymous.publish': [] }],
    ['anonymous: { subscribe: [{ package: p, page: "*" }] }', { 'anonymous.subscribe': [{ package: 'p', page: '*', filters: {} }] }],
    [
      `auth: { apiKeys: [{ name: a, sha256: ${DIGEST.toUpperCase()}, publish: none }] }`,
      { 'auth.apiKeys': [{ name: 'a', sha256: DIGEST, publish: [] }] },
    ],
    ['tls: { cert: a.pem, key: d/../b.pem, ca: /c.pem }', { 'tls.cert': 'DIR/a.pem', 'tls.key': 'DIR/b.pem', 'tls.ca': '/c.pem' }],
    ['auth: { jwks: "https://a/b" }', { 'auth.jwks': 'https://a/b' }],
    ['{"$schema": "x", "log": {"level": "warn"}}', { 'log.level': 'warn' }],
    ['# all of it is commented out\n', {}],
    ['tls:\n  # cert: a\n', {}],
  ])('%j says what it says', (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  it.each([
    ['limits:\n  connections: -1', '2:16: limits.connections is -1: expected 0 to 10000000'],
    ['limits:\n  message: 1B', '2:12: limits.message is "1B": expected 1KiB to 256MiB'],
    ['limits:\n  message: much', '2:12: limits.message is "much": expected a size, such as 65536, 64KiB or 1MiB'],
    ['timeouts:\n  close: 5', '2:10: timeouts.close is 5: expected a duration, such as 500ms, 10s or 2m'],
    ['timeouts:\n  close: 5ms', '2:10: timeouts.close is "5ms": expected 10ms to 10m'],
    ['listen:\n  port: 70000', '2:9: listen.port is 70000: expected a whole number from 0 to 65535'],
    ['listen:\n  port: "8000"', '2:9: listen.port is "8000": expected a whole number from 0 to 65535'],
    ['listen:\n  host: 5', '2:9: listen.host is 5: expected text, put it in quotes'],
    [
      'listen: 8000',
      '1:9: found the number 8000, expected a map: its members are port, host, publishPort, publishHost, adminPort, adminHost',
    ],
    ['listen:\n  prot: 1', '2:3: there is no member "prot": did you mean "port"?'],
    ['schema: {}', '1:1: there is no member "schema": did you mean "schemas"?'],
    ['tls:\n  clientCert: maybe', '2:15: tls.clientCert is "maybe": expected one of none, require'],
    ['access:\n  tolerant: yes', '2:13: access.tolerant is "yes": expected true or false'],
    ['access:\n  allowPublish: 10.0.0.0/8', '2:17: access.allowPublish: found the text "10.0.0.0/8", expected a list'],
    [
      'access:\n  trustProxies: [10.0.0.0/99]',
      '2:18: access.trustProxies has "10.0.0.0/99": expected a network such as 10.0.0.0/8 or fd00::/8',
    ],
    ['anonymous:\n  publish: nobody', '2:12: anonymous.publish: found the text "nobody", expected all, none or a list of grants'],
    [
      'anonymous:\n  subscribe:\n    - package: p\n      page: ""',
      '4:13: anonymous.subscribe: /0/page: expected a name or "*", found an empty string',
    ],
    [
      'anonymous:\n  subscribe:\n    - package: p\n      page: q\n      filter: { values: "2" }',
      '5:15: anonymous.subscribe: /0/filter: expected a grant to have package, page and filters alone',
    ],
    ['auth:\n  secret: x', '2:3: auth.secret cannot stand in a file: name a file with it in auth.secretFile, or set WSN_AUTH_SECRET'],
    ['a: 1\n  b: 2', '2:3: wrong indentation: the line above has a value, so nothing can stand below it'],
  ])('%j is told with its place', (text, error) => {
    expect(errorsOf(text)).toEqual([error]);
  });

  it('tells all that is wrong at once, in the order of the file', () => {
    expect(errorsOf('log: { level: loud }\nauth: { secret: x }\nlimits: { header: 1 }').map((error) => error.slice(0, 2))).toEqual([
      '1:',
      '2:',
      '3:',
    ]);
  });

  it('that is not there, or not UTF-8, is an error without a place', () => {
    using dir = folder();
    const { errors } = readSettings(join(dir.path, 'none.yaml'));
    expect(errors.map(({ message, source }) => [message, source])).toEqual([['there is no such file', undefined]]);
  });

  it('never shows a secret or a key beside a complaint (R-7.2)', () => {
    using dir = folder();
    const texts = [
      'auth: { secret: HIDDEN }',
      'auth:\n  secret: "HIDDEN"',
      'auth:\n  secret: HIDDEN "broken',
      'auth:\n  apiKeys: HIDDEN',
      'auth:\n  apiKeys: [HIDDEN, x=HIDDEN]',
      'auth:\n  apiKeys:\n    - php=HIDDEN',
      'auth:\n  apiKeys:\n    - { name: a, sha256: HIDDEN }',
      'auth:\n  apiKeys:\n    - name: a\n      sha256: HIDDEN "x',
      'authorize: { url: ["https://u:HIDDEN@x"] }',
    ];
    for (const text of texts) {
      const { errors } = readSettings(dir.write('wsn.yaml', text));
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(formatFileError(error.source, error)).not.toContain('HIDDEN');
    }
  });

  it('as the documentation has it is read', () => {
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/configuration.md', 'utf8')) ?? [];
    expect(Object.keys(valuesOf(example)).length).toBeGreaterThan(10);
  });
});
