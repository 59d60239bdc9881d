import { describe, expect, it } from 'vitest';
import { connectionTrouble } from '../../src/peer/index.js';

describe('why there is no connection', () => {
  it.each([
    ['ECONNREFUSED', 'connect', 'nobody listens there'],
    ['ETIMEDOUT', 'connect', 'no answer'],
    ['EMFILE', 'connect', 'this process may not open more files; raise the limit with ulimit -n'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'write', 'it does not speak TLS; is it ws: instead of wss:?'],
    ['CERT_HAS_EXPIRED', 'certificate', 'its certificate has expired, or that of its authority: whoever runs it has to renew it'],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      "Host: a. is not in the cert's altnames: DNS:b",
      'its certificate is for another name (DNS:b): is the URL right?',
    ],
    ['EWHAT', 'what', 'what'],
    [undefined, 'it is so', 'it is so'],
  ])('with the code %s and %j is told as %j', (code, message, told) => {
    expect(connectionTrouble(code, message)).toBe(told);
  });
});
