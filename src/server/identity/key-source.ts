import type { CryptoKey, FlattenedJWSInput, JWSHeaderParameters, KeyObject } from 'jose';

/** Finds the key for a token whose algorithm is one of the source's. */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey | KeyObject | Uint8Array>;

/** Keys from one option, and the algorithms that they are for: no token with another one ever meets them. */
export interface KeySource {
  readonly option: 'authSecret' | 'authSecretFile' | 'authPublicKey' | 'authJwks';
  readonly algorithms: readonly string[];
  readonly find: FindKey;
  /** Another one for other keys; of a JWKS, whose keys come and go, for another place. */
  readonly mark: string;
  /** SHA-256 of the file that was read, undefined where none was: tells a reload whether it has changed. */
  readonly digest: string | undefined;
}
