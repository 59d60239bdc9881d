import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { changedFiles, loadCertificates } from '../../../src/server/tls/certificates.js';
import { authority, folderOf, forThisMachine, issue } from '../../support/certificates.js';

const DAY_MS = 24 * 3_600_000;
const signer = authority();
const own = forThisMachine(signer);
const other = forThisMachine(signer);
const later = issue({ name: 'intermediate', by: signer, isAuthority: true, expiresInMs: 2 * DAY_MS });
const client = (text: string) => ({ crt: own.cert, key: own.key, ca: text });

async function load(contents: Readonly<Record<string, string>>) {
  using folder = folderOf(contents);
  const clientCa = contents.ca === undefined ? undefined : folder.path('ca');
  try {
    return await loadCertificates({ cert: folder.path('crt'), key: folder.path('key'), clientCa });
  } catch (error) {
    // The folder's name is another each time.
    return (error as Error).message.replaceAll(`${folder.path('')}/`, '');
  }
}

describe('certificates', () => {
  it('are loaded with what an operator asks about them', async () => {
    const { fingerprint256, validTo } = new X509Certificate(own.cert);
    expect(await load({ crt: own.cert, key: own.key })).toMatchObject({
      names: ['127.0.0.1', 'localhost', 'broker.test'],
      fingerprint: fingerprint256,
      expiresAt: Date.parse(validTo),
      options: { minVersion: 'TLSv1.2' },
    });
  });

  it.each([
    ['a key in the older form of its algorithm', { crt: own.cert, key: createPrivateKey(own.key).export({ type: 'sec1', format: 'pem' }) }],
    ['one file with both', { crt: own.key + own.cert, key: own.key + own.cert }],
    ['text around the blocks, and line ends of Windows', { crt: `CN=us - \n${own.cert}`.replaceAll('\n', '\r\n'), key: own.key }],
    ['RSA', (({ cert, key }) => ({ crt: cert, key }))(issue({ name: 'rsa', rsaBits: 2048 }))],
    ['authorities of clients', client(signer.cert + authority().cert)],
  ])('may be %s', async (_, contents) => {
    expect(await load(contents as Record<string, string>)).toHaveProperty('fingerprint');
  });

  it('expire with the first of their chain', async () => {
    const expiresAt = Date.parse(new X509Certificate(later.cert).validTo);
    expect(await load({ crt: own.cert + later.cert, key: own.key })).toMatchObject({ expiresAt });
  });

  it('are taken when they have expired, for nobody is better off without', async () => {
    const { cert, key } = forThisMachine(signer, { expiresInMs: -1000 });
    expect(((await load({ crt: cert, key })) as { expiresAt: number }).expiresAt).toBeLessThan(Date.now());
  });

  it('are compared by the content of all their files', async () => {
    using folder = folderOf({
      crt: own.cert,
      key: own.key,
      ca: signer.cert,
      'other-ca': authority().cert,
      again: own.cert,
      crt2: other.cert,
      key2: other.key,
    });
    const files = { cert: folder.path('crt'), key: folder.path('key'), clientCa: folder.path('ca') };
    const one = await loadCertificates(files);
    const changed = async (others: Partial<typeof files>) => changedFiles(one, await loadCertificates({ ...files, ...others }));
    expect(await changed({ cert: folder.path('again') })).toEqual([]);
    expect(await changed({ clientCa: folder.path('other-ca') })).toEqual(['tlsCa']);
    expect(await changed({ cert: folder.path('crt2'), key: folder.path('key2') })).toEqual(['tlsCert', 'tlsKey']);
  });

  const encrypted = createPrivateKey(own.key);
  const cipher = { format: 'pem', cipher: 'aes-128-cbc', passphrase: 'p' } as const;
  const expectedKey = 'expected a key without a passphrase, in a file that only the broker can read';
  it.each([
    ['a file that is missing', { key: own.key }, 'tlsCert is crt, which cannot be read: ENOENT: no such file or directory'],
    [
      'a file without a certificate',
      { crt: own.key, key: own.key },
      'tlsCert is crt, which has no certificate: expected PEM with -----BEGIN CERTIFICATE-----',
    ],
    ['an empty file', { crt: '', key: own.key }, 'tlsCert is crt, which has no certificate: expected PEM with -----BEGIN CERTIFICATE-----'],
    [
      'a file cut off in its chain',
      { crt: own.cert + later.cert.slice(0, 200), key: own.key },
      'tlsCert is crt, whose certificate 2 is damaged or cut off',
    ],
    [
      'a damaged certificate',
      { crt: own.cert.replace(/\n.{64}\n/, '\n'), key: own.key },
      'tlsCert is crt, whose certificate 1 is damaged or cut off',
    ],
    [
      'a file without a key',
      { crt: own.cert, key: own.cert },
      'tlsKey is key, which has no private key: expected PEM with -----BEGIN PRIVATE KEY-----',
    ],
    ['a key cut off', { crt: own.cert, key: own.key.slice(0, 100) }, 'tlsKey is key, whose private key is damaged or cut off'],
    [
      'an encrypted key',
      { crt: own.cert, key: encrypted.export({ type: 'pkcs8', ...cipher }) },
      `tlsKey is key, which is encrypted: ${expectedKey}`,
    ],
    [
      'a key encrypted in the older way',
      { crt: own.cert, key: encrypted.export({ type: 'sec1', ...cipher }) },
      `tlsKey is key, which is encrypted: ${expectedKey}`,
    ],
    ['the key of another', { crt: own.cert, key: other.key }, 'tlsKey is key, which is not the key of the certificate in crt'],
    [
      'a chain before the certificate',
      { crt: later.cert + own.cert, key: own.key },
      'tlsCert is crt, whose certificate 2 is the one of the key: expected it first, before its chain',
    ],
    ['authorities that are none', client('nobody'), 'tlsCa is ca, which has no certificate: expected PEM with -----BEGIN CERTIFICATE-----'],
  ])('are refused with %s', async (_, contents, message) => {
    expect(await load(contents as Record<string, string>)).toBe(message);
  });

  it('are refused before they are valid', async () => {
    const { cert, key } = forThisMachine(signer, { startsInMs: DAY_MS });
    expect(await load({ crt: cert, key })).toMatch(/^tlsCert is crt, which is not valid before \d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('are refused with a key that is too short', async () => {
    const { cert, key } = issue({ name: 'short', rsaBits: 512 });
    expect(await load({ crt: cert, key })).toMatch(/^tlsCert is crt, which OpenSSL does not take: .*too small/);
  });
});
