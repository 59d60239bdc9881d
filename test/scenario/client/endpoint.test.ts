import { describe, expect, it } from 'vitest';
import { hostOf, httpsOptions } from '../../../src/scenario/client/endpoint.js';
import { endpointOf } from '../../../src/scenario/run/shared-server.js';

describe('hostOf', () => {
  it.each([
    ['ws://127.0.0.1:8000/path', '127.0.0.1:8000'],
    ['ws://[::1]:8000', '[::1]:8000'],
    ['wss://example.org', 'example.org:443'],
  ])('is what the Host header says for %s', (url, host) => {
    expect(hostOf(endpointOf(url, { headers: {} }))).toBe(host);
  });
});

describe('httpsOptions', () => {
  it('name a host for the certificate, and no address', () => {
    expect(httpsOptions({ servername: 'example.org', ca: 'PEM' })).toEqual({ servername: 'example.org', ca: 'PEM' });
    expect(httpsOptions({ servername: '::1' })).toEqual({});
    expect(httpsOptions({ insecure: true, cert: 'C', key: 'K' })).toEqual({ rejectUnauthorized: false, cert: 'C', key: 'K' });
  });
});
