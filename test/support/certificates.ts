import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 24 * 3_600_000;

/** A certificate with its key, both as PEM; it can sign others when it is an authority. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** The common name. */
  readonly name: string;
  /** Names and addresses that it is for. */
  readonly hosts?: readonly string[];
  /** Who signs it; itself by default. */
  readonly by?: Issued;
  readonly isAuthority?: boolean;
  /** From when, and until when, in ms from now; from yesterday for a year by default. */
  readonly startsInMs?: number;
  readonly expiresInMs?: number;
  /** RSA keys of so many bits instead of P-256. */
  readonly rsaBits?: number;
}

/** Makes a certificate (X.509 version 3, RFC 5280) of its own key. */
export function issue(options: CertificateOptions): Issued {
  const { name, hosts = [], isAuthority = false, startsInMs = -DAY_MS, expiresInMs = 365 * DAY_MS, rsaBits } = options;
  const { publicKey, privateKey } =
    rsaBits === undefined ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const by = options.by ?? { name, privateKey };
  const algorithm = by.privateKey.asymmetricKeyType === 'rsa' ? SHA256_RSA : SHA256_ECDSA;
  const extensions = [
    extension(OIDS.basicConstraints, sequence(isAuthority ? tagged(0x01, Buffer.of(0xff)) : Buffer.alloc(0))),
    ...(hosts.length === 0 ? [] : [extension(OIDS.subjectAltName, sequence(...hosts.map(alternativeName)))]),
  ];
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguishedName(by.name),
    sequence(time(startsInMs), time(expiresInMs)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, by.privateKey)));
  return { cert: pem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), name, privateKey };
}

/** An authority that signs the others of a test. */
export function authority(name = `authority ${createHash('sha256').update(randomBytes(8)).digest('hex').slice(0, 6)}`): Issued {
  return issue({ name, isAuthority: true });
}

/** A certificate for 127.0.0.1 and localhost. */
export function forThisMachine(by: Issued, options: Partial<CertificateOptions> = {}): Issued {
  return issue({ name: 'broker.test', hosts: ['127.0.0.1', 'localhost', 'broker.test'], by, ...options });
}

/** A folder of its own with these files, gone with its disposal. */
export function folderOf(files: Readonly<Record<string, string>>): { readonly path: (name: string) => string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-tls-'));
  const path = (name: string) => join(folder, name);
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text, { mode: 0o600 });
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Their DER as `OBJECT IDENTIFIER`s. */
const OIDS = {
  commonName: Buffer.of(0x06, 3, 0x55, 0x04, 0x03),
  basicConstraints: Buffer.of(0x06, 3, 0x55, 0x1d, 0x13),
  subjectAltName: Buffer.of(0x06, 3, 0x55, 0x1d, 0x11),
};
const SHA256_ECDSA = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
const SHA256_RSA = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));

/** A value with its tag and length in DER (X.690 section 8.1). */
function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), value]);
}

function sequence(...values: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(values));
}

function bits(value: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.of(0), value]));
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(OIDS.commonName, tagged(0x0c, Buffer.from(name)))));
}

/** GeneralizedTime: four digits of the year. */
function time(inMs: number): Buffer {
  const digits = new Date(Date.now() + inMs).toISOString().replace(/\.\d+|[-:T]/g, '');
  return tagged(0x18, Buffer.from(digits));
}

function extension(oid: Buffer, value: Buffer): Buffer {
  return sequence(oid, tagged(0x04, value));
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 4 ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
