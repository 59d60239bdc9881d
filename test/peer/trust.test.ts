import { describe, expect, it } from 'vitest';
import { trustOptions } from '../../src/peer/index.js';

describe('whom TLS trusts', () => {
  it('is told with the name that a certificate is for, and with no address', () => {
    expect(trustOptions({ servername: 'example.org', ca: 'PEM' })).toEqual({
      servername: 'example.org',
      ca: 'PEM',
      rejectUnauthorized: true,
    });
    expect(trustOptions({ servername: '::1' })).toEqual({ rejectUnauthorized: true });
  });

  it('is anybody only where that is said', () => {
    expect(trustOptions({ insecure: true, cert: 'C', key: 'K' })).toEqual({ rejectUnauthorized: false, cert: 'C', key: 'K' });
    expect(trustOptions({ insecure: undefined })).toEqual({ rejectUnauthorized: true });
  });
});
