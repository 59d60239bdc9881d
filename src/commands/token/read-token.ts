import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { type Access, type Json, ProtocolError } from '../../protocol/index.js';
import { readAccess, readEnd, readSubject } from '../../server/identity/facts.js';
import { UsageError } from '../exit/usage-error.js';

/** What a token says; nothing of it is proved. */
export interface TokenContent {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
  readonly subject: string | undefined;
  /** In ms since 1970; `undefined`: never. */
  readonly expiresAt: number | undefined;
  readonly access: Access;
}

/**
 * Reads a JWT without its signature (RFC 7519), and its grants as the broker would.
 * @param source what the token was given as, for the error.
 * @throws UsageError when it is no JWT, or when a claim that the broker reads is not what it has to be.
 */
export function readToken(token: string, source: string): TokenContent {
  const { header, claims } = decode(token, source);
  try {
    const { sub, exp, wsn } = claims as Readonly<Record<string, Json | undefined>>;
    return {
      header,
      claims,
      subject: readSubject(sub, '/sub'),
      expiresAt: readEnd(typeof exp === 'number' ? exp * 1000 : exp, '/exp'),
      access: readAccess(wsn),
    };
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(`${source} has a claim that no broker takes: ${error.described}`);
    throw error;
  }
}

function decode(token: string, source: string): Pick<TokenContent, 'header' | 'claims'> {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    throw new UsageError(`${source} is no JWT: expected three parts with dots between them, HEADER.CLAIMS.SIGNATURE`);
  }
}
