const UNKNOWN = 'its certificate is not trusted: name the authority that signed it with --tls-ca, or for a test use --insecure';

/** By the codes of OpenSSL and Node. */
const TROUBLES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate signs itself and is not trusted: name it with --tls-ca, or for a test use --insecure',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN,
  CERT_UNTRUSTED: UNKNOWN,
  INVALID_CA: 'its certificate was signed by one that is no authority',
  CERT_SIGNATURE_FAILURE: 'the signature of its certificate is wrong: is --tls-ca the authority of today?',
  CERT_HAS_EXPIRED: 'its certificate has expired, or that of its authority: whoever runs it has to renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: is the clock of this machine right?',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of yours: --tls-cert and --tls-key',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'it refused the TLS handshake; does it want a certificate of yours (--tls-cert and --tls-key)?',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not trust the authority of --tls-cert',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it does not take the certificate of --tls-cert',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the certificate of --tls-cert has expired',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'it does not take the certificate of --tls-cert',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it speaks no version of TLS that this program does',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no version of TLS that this program does',
};

/**
 * What is wrong with the certificate at either end, and what to do, by the error of the platform.
 * @param because the platform's own sentence.
 * @returns `undefined` when it is about something else.
 */
export function certificateTrouble(errorCode: string | undefined, because: string): string | undefined {
  if (errorCode === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = /altnames?: (.*)$/s.exec(because)?.[1];
    return `its certificate is for another name${names === undefined ? '' : ` (${shorten(names)})`}: is the URL right?`;
  }
  return TROUBLES[errorCode ?? ''];
}

/** A certificate may be for hundreds of names. */
function shorten(names: string): string {
  const most = 120;
  return names.length <= most ? names : `${names.slice(0, most - 1)}…`;
}
