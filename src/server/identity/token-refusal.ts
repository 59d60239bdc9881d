import { errors } from 'jose';
import { ProtocolError } from '../../protocol/index.js';

/**
 * Says what is wrong with a token, without repeating any of it.
 * @param error What `jose` threw.
 * @returns undefined when it is not the token that is at fault.
 */
export function tokenRefusal(error: unknown): ProtocolError | undefined {
  const because = whatIsWrong(error);
  return because === undefined ? undefined : new ProtocolError('unauthenticated', because);
}

function whatIsWrong(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return `the token expired ${secondsFromNow(error.payload.exp)} s ago`;
  if (error instanceof errors.JWTClaimValidationFailed) return wrongClaim(error);
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token's signature algorithm is not taken here";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is wrong: no key of this broker made it";
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key fits the token';
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'several keys fit the token: expected a kid in its header';
  if (error instanceof errors.JOSENotSupported) return "the token's header demands an extension that is not supported";
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'the token is not a JWT';
  return undefined;
}

function wrongClaim({ claim, reason, payload }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `the token has no ${NAMES[claim] ?? claim}`;
  if (reason === 'invalid') return `the token's ${claim} is not a number`;
  if (claim === 'nbf') return `the token is not valid yet: it will be in ${secondsFromNow(payload.nbf)} s`;
  if (claim === 'aud') return "the token's audience is not this broker's";
  return `the token's ${NAMES[claim] ?? claim} is not the one that is expected here`;
}

const NAMES: Readonly<Record<string, string>> = { aud: 'audience (aud)', iss: 'issuer (iss)' };

function secondsFromNow(seconds: number | undefined): number {
  return Math.abs(Math.round((seconds ?? 0) - Date.now() / 1000));
}
