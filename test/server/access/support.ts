import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { expect } from 'vitest';
import { HandshakeRefused, type Peer, type PeerOptions } from '../../../src/peer/index.js';
import type { Grant } from '../../../src/protocol/index.js';
import type { Broker } from '../../../src/server/index.js';
import { type Answered, askHttp } from '../../support/http.js';
import { ask, connect, connectV1, EVERYTHING, notice, type Said, subscriptionsText, TOPIC } from '../../support/peers.js';
import { inSeconds, signWith } from '../identity/support.js';

export const SECRET = 'a secret of 32 bytes, and of more';
const AUDIENCE = 'wsn.test';
/** A publisher's key, and its configuration. */
export const KEY = 'f3b0c44298fc1c149afbf4c8996fb924';
export const SHOP = { name: 'shop', sha256: createHash('sha256').update(KEY).digest('hex') };

/** Has a broker authenticate by tokens and keys. */
export const ON = { authSecret: SECRET, authAudience: [AUDIENCE], apiKeys: [SHOP] } as const;

export const ALL: readonly Grant[] = [{ package: '*', page: '*' }];

/** A grant for some values of the channel of `TOPIC`. */
export function channel(...values: readonly string[]): Grant {
  return { ...TOPIC, filters: { values: [...values] } };
}

type Claims = { readonly [name in keyof JWTPayload]: JWTPayload[name] | undefined };

/** A token of the subject 5 that is good for an hour, unless `claims` say otherwise; `undefined` leaves one out. */
export function tokenOf(wsn: object | undefined, claims: Claims = {}, secret = SECRET): Promise<string> {
  const all = { sub: '5', aud: AUDIENCE, exp: inSeconds(3600), ...(wsn === undefined ? {} : { wsn }), ...claims };
  return signWith(secret, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

export function bearing(token: string): Pick<PeerOptions, 'headers'> {
  return { headers: { Authorization: `Bearer ${token}` } };
}

/** Opens a peer of `wsn.v1` with a token for these grants. */
export async function granted(broker: Broker, wsn: object, claims: Claims = {}): Promise<Peer> {
  return connectV1(broker, bearing(await tokenOf(wsn, claims)));
}

/** Publishes with the key over HTTP, in the order of the notifications. */
export async function publishWithKey(broker: Broker, ...notifications: readonly object[]): Promise<void> {
  const answer = await askHttp(broker, { headers: { 'X-Api-Key': KEY }, body: JSON.stringify({ notifications }) });
  expect(answer.status).toBe(200);
}

/** Posts one notification. */
export function post(broker: Broker, headers: Readonly<Record<string, string | undefined>> = {}, path = '/notify'): Promise<Answered> {
  return askHttp(broker, { path, headers, body: JSON.stringify(notice('posted')) });
}

/** What a refused handshake is answered with. */
export async function refusalOf(opening: Promise<Peer>): Promise<HandshakeRefused> {
  const outcome = await opening.then(
    (peer) => peer[Symbol.asyncDispose]().then(() => new Error('the handshake was not refused')),
    (error: unknown) => error,
  );
  if (outcome instanceof HandshakeRefused) return outcome;
  throw outcome;
}

/** The status of a handshake's answer. */
export async function statusOf(broker: Broker, options: Partial<PeerOptions> = {}): Promise<number> {
  try {
    await using _ = await connect(broker, options);
    return 101;
  } catch (error) {
    if (error instanceof HandshakeRefused) return error.status;
    throw error;
  }
}

/** Subscribes to all of `TOPIC` with `wsn.v1` and returns the answer. */
export function subscribeV1(peer: Peer, more: object = {}): Promise<Said> {
  return ask(peer, subscriptionsText(EVERYTHING, more));
}

/** Sends a token and returns the answer. */
export function authenticate(peer: Peer, token: string): Promise<Said> {
  return ask(peer, { sender: 'client', id: 'token', token });
}

/** A promise that somebody else fulfils. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
