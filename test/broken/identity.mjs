import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { broken } from './mistakes/index.mjs';
import { settings } from './settings.mjs';

/** What is shown is not good enough to say who somebody is. */
export class Unauthenticated extends Error {}

/** Whether anybody is authenticated; else everybody may hear everything. */
export const isAuthenticating = settings.secret !== undefined || settings.keys.size > 0;

const NOTHING = { subscribe: [], publish: [] };

/** Who sends a request: { subject, subscribe, publish, expiresAt }, or undefined for somebody who may do nothing. Throws Unauthenticated. */
export function identify(request) {
  if (!isAuthenticating) return { subscribe: 'all', publish: 'all' };
  const key = request.headers['x-api-key'];
  const token = tokenOf(request);
  if (key !== undefined && !(broken('key-beside-token-ignored') && token !== undefined)) return identityOfKey(key);
  return token === undefined ? anonymous() : verify(token);
}

function tokenOf({ headers, url }) {
  const [, bearer] = /^Bearer +(.*)$/iu.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const protocol = offered.find((name) => name.startsWith('wsn.token.'));
  if (protocol !== undefined && !broken('token-subprotocol-ignored')) return protocol.slice('wsn.token.'.length);
  const [, cookie] = /token=([^;]*)/u.exec(headers.cookie ?? '') ?? [];
  if (cookie !== undefined && broken('token-cookie')) return cookie;
  if (!settings.queryToken && !broken('token-query-always')) return undefined;
  return new URL(url, 'http://localhost').searchParams.get('token') ?? undefined;
}

function identityOfKey(key) {
  const name = settings.keys.get(createHash('sha256').update(key, 'latin1').digest('hex'));
  if (name === undefined && !broken('key-any')) throw new Unauthenticated('the key is not known');
  return { subject: `key:${name}`, subscribe: broken('key-subscribes') ? 'all' : [], publish: 'all' };
}

function anonymous() {
  const access = { ...NOTHING, ...settings.anonymous };
  if (access.subscribe.length === 0 && access.publish.length === 0) return undefined;
  return broken('anonymous-everything') ? { subscribe: 'all', publish: 'all' } : access;
}

/** Whose token it is. Throws Unauthenticated. */
export function verify(token) {
  const [head, body, signature] = token.split('.');
  if (signature === undefined) throw new Unauthenticated('the token is none');
  const { alg } = part(head);
  if (!(alg === 'none' && broken('token-alg-none')) && !isSigned({ alg, head, body, signature }))
    throw new Unauthenticated('the token is forged');
  const { sub, exp, wsn = {} } = part(body);
  if (exp * 1000 <= Date.now() && !broken('token-expired-accepted')) throw new Unauthenticated('the token has expired');
  const grants = { ...NOTHING, ...(broken('grants-from-token-ignored') ? { subscribe: 'all', publish: 'all' } : wsn) };
  for (const grant of [grants.subscribe, grants.publish].flat()) checkGrant(grant);
  return { subject: sub, subscribe: grants.subscribe, publish: grants.publish, expiresAt: exp * 1000 };
}

function part(text) {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    throw new Unauthenticated('the token is none');
  }
}

function isSigned({ alg, head, body, signature }) {
  if (broken('token-signature-unchecked')) return true;
  if (alg !== 'HS256') return false;
  const expected = createHmac('sha256', settings.secret ?? '')
    .update(`${head}.${body}`)
    .digest();
  const given = Buffer.from(signature, 'base64url');
  return settings.secret !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
}

function checkGrant(grant) {
  if (grant === 'all' || broken('grants-unchecked')) return;
  if (typeof grant?.package !== 'string' || typeof grant.page !== 'string') throw new Unauthenticated('a grant of the token is none');
}
