import { type Access, isObject, type Json, ProtocolError, readGrants, utf8Length } from '../../protocol/index.js';
import type { Identity } from './identity.js';

/** What a token, or the back-end that was asked about it, says of a peer. */
export interface Facts {
  readonly subject: string | undefined;
  /** In ms since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
  readonly access: Access;
}

/** Longest subject, in UTF-8 bytes: it stands in every line of the log that names the peer. */
const MOST_SUBJECT_BYTES = 256;
/** The last moment that a `Date` can hold. */
const LAST_MOMENT = 8.64e15;

/**
 * Reads the grants of the member `wsn`; what is absent grants nothing.
 * @throws ProtocolError `unauthenticated` with a pointer from the object that holds `wsn`.
 */
export function readAccess(wsn: Json | undefined): Access {
  if (wsn === undefined) return { subscribe: [], publish: [] };
  if (!isObject(wsn)) throw new ProtocolError('unauthenticated', 'expected an object with grants', { path: '/wsn' });
  return { subscribe: readGrants(wsn.subscribe, '/wsn/subscribe'), publish: readGrants(wsn.publish, '/wsn/publish') };
}

/**
 * Reads the claims of a token (RFC 7519 section 4.1) that count here.
 * @throws ProtocolError `unauthenticated` with a pointer into the claims.
 */
export function readClaims({ sub, exp, wsn }: Readonly<Record<string, Json | undefined>>): Facts {
  return {
    subject: readSubject(sub, '/sub'),
    expiresAt: readEnd(typeof exp === 'number' ? exp * 1000 : exp, '/exp'),
    access: readAccess(wsn),
  };
}

/** @throws ProtocolError `unauthenticated` for what is neither absent nor a string of 1 to 256 bytes. */
export function readSubject(value: Json | undefined, path: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '' && utf8Length(value) <= MOST_SUBJECT_BYTES) return value;
  throw new ProtocolError('unauthenticated', `expected a subject: a string of 1 to ${MOST_SUBJECT_BYTES} bytes`, { path });
}

/**
 * A moment that ends something.
 * @param ms Since 1970; JSON has numbers that are no moment.
 * @throws ProtocolError `unauthenticated` for what is neither absent nor a number.
 */
export function readEnd(ms: Json | undefined, path: string): number | undefined {
  if (ms === undefined) return undefined;
  if (typeof ms !== 'number') throw new ProtocolError('unauthenticated', 'expected a number', { path });
  return Math.round(Math.min(Math.max(ms, 0), LAST_MOMENT));
}

/** The earlier of two ends. */
export function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

export function identityOf({ subject, expiresAt, access }: Facts): Identity {
  return { id: subject === undefined ? 'token' : `sub:${subject}`, kind: 'token', access, expiresAt };
}
