import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { type Json, ProtocolError } from '../../protocol/index.js';
import { type Facts, readClaims } from '../../server/identity/facts.js';
import { UsageError } from '../exit/usage-error.js';

/** What a token says; nothing of it is proved. */
export interface TokenContent extends Facts {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/**
 * Reads a JWT without its signature (RFC 7519), and its grants as the broker would (R-7.3).
 * @param source what the token was given as, for the error.
 * @throws UsageError when it is no JWT, or when a claim that the broker reads is not what it has to be.
 */
export function readToken(token: string, source: string): TokenContent {
  const { header, claims } = decode(token, source);
  try {
    return { header, claims, ...readClaims(claims as Readonly<Record<string, Json | undefined>>) };
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(`${source} has a claim that no broker takes: ${error.described}`);
    throw error;
  }
}

/** Whether a text can be read as a JWT at all, whatever its claims are. */
export function isJwt(text: string): boolean {
  try {
    decode(text, '');
    return true;
  } catch {
    return false;
  }
}

function decode(token: string, source: string): Pick<TokenContent, 'header' | 'claims'> {
  const parts = token.split('.').length;
  if (parts !== 3) {
    throw new UsageError(`${source} is no JWT: found ${parts === 1 ? 'no dot' : `${parts} parts`}, expected HEADER.CLAIMS.SIGNATURE`);
  }
  const part = <T>(name: string, read: () => T): T => {
    try {
      return read();
    } catch {
      throw new UsageError(`${source} is no JWT: its ${name} cannot be read, expected a JSON object in base64url`);
    }
  };
  return { header: part('header', () => decodeProtectedHeader(token)), claims: part('claims', () => decodeJwt(token)) };
}
