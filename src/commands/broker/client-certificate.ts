import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { UsageError } from '../exit/usage-error.js';
import { readInput } from '../input/json-input.js';

/**
 * Reads the certificate with which a command shows who it is, and its key.
 * @returns both as PEM; neither when neither is named.
 * @throws UsageError when only one is named, when one cannot be read, or when they do not belong together.
 */
export async function readClientCertificate(
  certPath: string | undefined,
  keyPath: string | undefined,
): Promise<{ readonly cert?: string; readonly key?: string }> {
  if (certPath === undefined && keyPath === undefined) return {};
  if (certPath === undefined || keyPath === undefined)
    throw new UsageError('--tls-cert and --tls-key belong together: one of them is missing');
  const cert = (await readInput(certPath)).text;
  const key = (await readInput(keyPath)).text;
  const certificate = readAs(`--tls-cert ${certPath}`, 'a certificate', () => new X509Certificate(cert));
  const privateKey: KeyObject = readAs(`--tls-key ${keyPath}`, 'a private key without a passphrase', () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return { cert, key };
  throw new UsageError(`--tls-key ${keyPath} is not the key of --tls-cert ${certPath}`);
}

function readAs<T>(place: string, expected: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new UsageError(`${place}: expected ${expected} as PEM`);
  }
}
