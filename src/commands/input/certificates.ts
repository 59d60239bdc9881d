import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../exit/usage-error.js';

/**
 * Reads what `--tls-ca` names.
 * @returns the certificates as PEM; `undefined` where nothing is named.
 * @throws UsageError when the file cannot be read, or does not begin with a certificate: Node would trust nobody without a word.
 */
export async function readCertificates(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    const pem = await readFile(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read --tls-ca ${path}: ${syscall === undefined ? 'expected certificates as PEM' : message}`);
  }
}
