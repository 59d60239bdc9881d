import { certificateTrouble } from './certificate-trouble.js';

const NO_TLS = 'it does not speak TLS; is it ws: instead of wss:?';

/** By the codes of the platform. */
const TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EADDRNOTAVAIL: 'this machine has no port left for one more connection',
  EMFILE: 'this process may not open more files; raise the limit with ulimit -n',
  ENFILE: 'this machine may not open more files; raise fs.file-max',
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
};

/**
 * Why there is no connection, or no longer one, in a few words.
 * @param code of the error, of the system or of TLS.
 * @param message the platform's own sentence, which is taken where there is no better one.
 */
export function connectionTrouble(code: string | undefined, message: string): string {
  return certificateTrouble(code, message) ?? TROUBLES[code ?? ''] ?? message;
}
