import { constants, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { OptionError } from '../option-error.js';
import { type NamedFile, readCertificates, readPrivateKey, refusal } from './read-pem.js';
import type { TlsFiles } from './tls-files.js';

/** How a server speaks TLS: for `https.createServer`, and later for `setSecureContext`. */
export type SecureOptions = SecureContextOptions & Pick<TlsOptions, 'requestCert' | 'rejectUnauthorized'>;

/** Certificates and keys that are in order and fit together. */
export interface ServerCertificates {
  readonly files: TlsFiles;
  readonly options: SecureOptions;
  /** The names and addresses that the server's certificate is for. */
  readonly names: readonly string[];
  /** Its SHA-256, as in `openssl x509 -fingerprint -sha256`. */
  readonly fingerprint: string;
  /** When the first certificate of the chain expires, in ms since 1970; this may be over. */
  readonly expiresAt: number;
}

/**
 * Reads and checks the files. Certificates that have expired are taken, since nobody is better off without them.
 * @throws OptionError naming the option and the file: one cannot be read, is no PEM, the key belongs to another
 * certificate, one is not valid yet, or OpenSSL does not take it (a key that is too short).
 */
export async function loadCertificates(files: TlsFiles): Promise<ServerCertificates> {
  const certFile = { option: 'tlsCert', path: files.cert } as const;
  const [chain, key, clientCa] = await Promise.all([
    readCertificates(certFile),
    readPrivateKey({ option: 'tlsKey', path: files.key }),
    files.clientCa === undefined ? undefined : readCertificates({ option: 'tlsCa', path: files.clientCa }),
  ]);
  const [leaf] = chain.value;
  checkPair(chain.value, key.value, files);
  const startsAt = Math.max(...chain.value.map(({ validFrom }) => Date.parse(validFrom)));
  if (startsAt > Date.now()) throw refusal(certFile, `which is not valid before ${new Date(startsAt).toISOString()}`);
  const options = secureOptions(chain.bytes, key.bytes, clientCa?.bytes);
  try {
    createSecureContext(options);
  } catch (error) {
    throw refusal(certFile, `which OpenSSL does not take: ${(error as Error).message}`);
  }
  return {
    files,
    options,
    names: namesOf(leaf),
    fingerprint: leaf.fingerprint256,
    expiresAt: Math.min(...chain.value.map(({ validTo }) => Date.parse(validTo))),
  };
}

/** The options whose files have another content; none for the same content, wherever the files are. */
export function changedFiles(before: ServerCertificates, after: ServerCertificates): readonly NamedFile['option'][] {
  const parts = [
    ['tlsCert', 'cert'],
    ['tlsKey', 'key'],
    ['tlsCa', 'ca'],
  ] as const;
  return parts.flatMap(([option, part]) => (String(before.options[part]) === String(after.options[part]) ? [] : [option]));
}

/**
 * TLS 1.2 and 1.3 with Node's ciphers (RFC 9325). No renegotiation, by which a client of TLS 1.2 could have the server
 * compute for ever. Tickets let a client that comes back leave out the certificates, so that a mass reconnection costs
 * little; but where clients have to show one there are none, since it would not be looked at again, not even after it
 * has expired. New certificates bring new keys for tickets with them: nothing of before is resumed.
 */
function secureOptions(cert: Buffer, key: Buffer, clientCa: Buffer | undefined): SecureOptions {
  const common = { cert, key, minVersion: 'TLSv1.2', honorCipherOrder: true } as const;
  const { SSL_OP_NO_RENEGOTIATION, SSL_OP_NO_TICKET } = constants;
  if (!clientCa) return { ...common, secureOptions: SSL_OP_NO_RENEGOTIATION };
  const secureOptions = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET;
  return { ...common, secureOptions, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

function checkPair(chain: readonly X509Certificate[], key: KeyObject, files: TlsFiles): void {
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (place === 0) return;
  if (place > 0) {
    const because = `whose certificate ${place + 1} is the one of the key: expected it first, before its chain`;
    throw new OptionError('tlsCert', `is ${files.cert}, ${because}`);
  }
  throw new OptionError('tlsKey', `is ${files.key}, which is not the key of the certificate in ${files.cert}`);
}

/** The alternative names (RFC 5280 section 4.2.1.6) that are names or addresses of hosts. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap((name) => /^(?:DNS|IP Address):(.*)$/.exec(name)?.[1] ?? []);
}
