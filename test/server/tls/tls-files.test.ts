import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../../src/server/options.js';
import { tlsFiles } from '../../../src/server/tls/tls-files.js';

const pair = { tlsCert: 'crt.pem', tlsKey: 'key.pem' };

describe('the files of TLS', () => {
  it.each([
    ['none, where nothing is asked for', {}, undefined],
    ['a certificate and its key', pair, { cert: 'crt.pem', key: 'key.pem', clientCa: undefined }],
    [
      'and the authorities of clients, where they need a certificate',
      { ...pair, tlsCa: 'ca.pem', tlsClientCert: 'require' as const },
      { cert: 'crt.pem', key: 'key.pem', clientCa: 'ca.pem' },
    ],
  ])('are %s', (_, given, expected) => {
    expect(tlsFiles({ ...DEFAULTS, ...given })).toEqual(expected);
  });

  it.each([
    ['tlsCert', { tlsKey: 'key.pem' }, 'tlsCert is missing: expected a PEM file with the certificate of the server'],
    ['tlsCert', { tlsCa: 'ca.pem' }, 'tlsCert is missing: expected a PEM file with the certificate of the server'],
    ['tlsCert', { tlsClientCert: 'require' as const }, 'tlsCert is missing: expected a PEM file with the certificate of the server'],
    ['tlsKey', { tlsCert: 'crt.pem' }, 'tlsKey is missing: expected a PEM file with the private key of crt.pem'],
    [
      'tlsCa',
      { ...pair, tlsClientCert: 'require' as const },
      'tlsCa is missing: expected a PEM file with the authorities whose client certificates are taken',
    ],
    [
      'tlsCa',
      { ...pair, tlsCa: 'ca.pem' },
      'tlsCa is ca.pem, but no client is asked for a certificate: expected tlsClientCert to be "require"',
    ],
  ])('are refused by %s when half of what was asked for is missing: %j', (option, given, message) => {
    expect(() => tlsFiles({ ...DEFAULTS, ...given })).toThrow(expect.objectContaining({ name: 'OptionError', option, message }));
  });
});
