import type { KeyObject } from 'node:crypto';

/** Bytes that a secret needs at least, by algorithm: as many as the hash has (RFC 7518 section 3.2). */
export const SECRET_BYTES: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

const RSA_PKCS1 = ['RS256', 'RS384', 'RS512'];
const RSA_PSS = ['PS256', 'PS384', 'PS512'];
const EDWARDS = ['EdDSA', 'Ed25519'];
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** What public keys may verify here. */
export const PUBLIC_ALGORITHMS: readonly string[] = [...RSA_PKCS1, ...RSA_PSS, ...Object.values(CURVES), ...EDWARDS];

/** Every algorithm that may be named. */
export const ALGORITHMS: readonly string[] = [...Object.keys(SECRET_BYTES), ...PUBLIC_ALGORITHMS];

/** The algorithms that a secret of this length is enough for. */
export function algorithmsOfSecret(bytes: number): readonly string[] {
  return Object.keys(SECRET_BYTES).filter((name) => bytes >= (SECRET_BYTES[name] ?? 0));
}

/**
 * The algorithms that fit a public key; none for a key that signs nothing, is on another curve or too
 * short (RFC 7518 section 3.3), or has an exponent with which anybody could sign (RFC 8017 section 3.1).
 */
export function algorithmsOfPublicKey(key: KeyObject): readonly string[] {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') {
    const isSound = modulusLength >= 2048 && publicExponent >= 3n && publicExponent % 2n === 1n;
    return isSound ? [...RSA_PKCS1, ...RSA_PSS] : [];
  }
  if (key.asymmetricKeyType === 'ed25519') return EDWARDS;
  return CURVES[namedCurve] === undefined ? [] : [CURVES[namedCurve]];
}
