import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OptionError } from '../option-error.js';

/** A file that an option names. */
export interface NamedFile {
  readonly option: 'tlsCert' | 'tlsKey' | 'tlsCa';
  readonly path: string;
}

/** What stands in a PEM file, and the file as it is. */
export interface PemOf<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

/** From one label to the end of its block; without an end the file is still being written, or was cut off. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(?:(?:(?!-----BEGIN)[\s\S])*?-----END \1-----)?/g;
const CERTIFICATE = /^(X509 )?CERTIFICATE$/;

/**
 * Reads certificates (RFC 7468); other blocks of the file are passed over, for some keep the key behind the certificate.
 * @throws OptionError when the file cannot be read, has no certificate, or has one that is damaged.
 */
export async function readCertificates(file: NamedFile): Promise<PemOf<readonly [X509Certificate, ...X509Certificate[]]>> {
  const bytes = await readNamed(file);
  const [first, ...others] = blocksOf(bytes, CERTIFICATE).map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw refusal(file, `whose certificate ${index + 1} is damaged or cut off`);
    }
  });
  if (!first) throw refusal(file, 'which has no certificate: expected PEM with -----BEGIN CERTIFICATE-----');
  return { bytes, value: [first, ...others] };
}

/**
 * Reads a private key: PKCS #8, or the older forms of RSA and EC.
 * @throws OptionError when the file cannot be read, has no key, or one that is damaged or encrypted.
 */
export async function readPrivateKey(file: NamedFile): Promise<PemOf<KeyObject>> {
  const bytes = await readNamed(file);
  const [block] = blocksOf(bytes, /PRIVATE KEY$/);
  if (block === undefined) throw refusal(file, 'which has no private key: expected PEM with -----BEGIN PRIVATE KEY-----');
  if (/^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(block)) {
    throw refusal(file, 'which is encrypted: expected a key without a passphrase, in a file that only the broker can read');
  }
  try {
    return { bytes, value: createPrivateKey(block) };
  } catch {
    throw refusal(file, 'whose private key is damaged or cut off');
  }
}

/** The error about a named file; `because` goes on after its path. */
export function refusal({ option, path }: NamedFile, because: string): OptionError {
  return new OptionError(option, `is ${path}, ${because}`);
}

async function readNamed(file: NamedFile): Promise<Buffer> {
  try {
    return await readFile(file.path);
  } catch (error) {
    // Node repeats the call and the path behind the reason.
    throw refusal(file, `which cannot be read: ${(error as Error).message.replace(/, \w+( '.*')?$/s, '')}`);
  }
}

function blocksOf(bytes: Buffer, label: RegExp): string[] {
  return [...bytes.toString('latin1').matchAll(BLOCK)].flatMap(([block, found]) => (label.test(found ?? '') ? [block] : []));
}
