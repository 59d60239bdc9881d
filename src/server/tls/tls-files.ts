import { OptionError } from '../option-error.js';
import type { BrokerOptions } from '../options.js';

/** The files that a broker by TLS reads. */
export interface TlsFiles {
  /** PEM with the server's certificate, then its chain. */
  readonly cert: string;
  /** PEM with its private key. */
  readonly key: string;
  /** PEM with the authorities whose clients are let in, and nobody else; undefined: no client is asked for a certificate. */
  readonly clientCa: string | undefined;
}

/** The options that are about TLS. */
type TlsOptions = Pick<BrokerOptions, 'tlsCert' | 'tlsKey' | 'tlsCa' | 'tlsClientCert'>;

/**
 * The files that the options name.
 * @returns undefined when they ask for no TLS at all.
 * @throws OptionError when half of it is missing: a broker must not fall back to less than what was asked for.
 */
export function tlsFiles({ tlsCert, tlsKey, tlsCa, tlsClientCert }: TlsOptions): TlsFiles | undefined {
  const isAskedForClients = tlsClientCert === 'require';
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined && !isAskedForClients) return undefined;
  if (tlsCert === undefined) throw new OptionError('tlsCert', 'is missing: expected a PEM file with the certificate of the server');
  if (tlsKey === undefined) throw new OptionError('tlsKey', `is missing: expected a PEM file with the private key of ${tlsCert}`);
  if (isAskedForClients && tlsCa === undefined) {
    throw new OptionError('tlsCa', 'is missing: expected a PEM file with the authorities whose client certificates are taken');
  }
  if (tlsCa !== undefined && !isAskedForClients) {
    throw new OptionError('tlsCa', `is ${tlsCa}, but no client is asked for a certificate: expected tlsClientCert to be "require"`);
  }
  return { cert: tlsCert, key: tlsKey, clientCa: tlsCa };
}
