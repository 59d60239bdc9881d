import { describe, expect, it } from 'vitest';
import { readCertificates } from '../../../src/commands/input/certificates.js';

describe('readCertificates', () => {
  it('reads PEM, and nothing where nothing is named', async () => {
    const pem = await readCertificates('test/peer/certificate/broker.test.crt.pem');
    expect(String(pem)).toContain('BEGIN CERTIFICATE');
    expect(await readCertificates(undefined)).toBeUndefined();
  });

  it.each([
    ['missing.pem', 'cannot read --tls-ca missing.pem: ENOENT'],
    ['package.json', 'cannot read --tls-ca package.json: expected certificates as PEM'],
    ['test/peer/certificate/broker.test.key.pem', 'expected certificates as PEM'],
  ])('refuses %s', async (path, message) => {
    await expect(readCertificates(path)).rejects.toThrow(message);
  });
});
