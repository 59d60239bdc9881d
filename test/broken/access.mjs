import { permits } from './grants.mjs';
import { isAuthenticating } from './identity.mjs';
import { broken } from './mistakes/index.mjs';
import { settings } from './settings.mjs';

/** Why a peer may not publish a notification where peers are authenticated, or undefined if it may. */
export function grantRefusal(request, { identity, notification, http = false }) {
  if (!isAuthenticating || settings.publishers.check(request.socket.remoteAddress)) return undefined;
  if (broken(http ? 'grants-not-for-http' : 'grants-not-for-publishing') || permits(identity.publish, notification)) return undefined;
  return 'no grant of this peer matches the notification';
}

/** Whether a page may connect: any while nobody is authenticated, else those of the own host and the listed origins. */
export function originMayConnect({ origin, host }) {
  if (!isAuthenticating || origin === undefined || broken('origin-any-connects')) return true;
  if (settings.origins.includes(origin) && !broken('origin-listed-refused')) return true;
  if (broken('origin-prefix') && settings.origins.some((each) => origin.startsWith(each))) return true;
  return !broken('origin-same-host-refused') && URL.canParse(origin) && new URL(origin).host === host;
}

/** Why a peer may not publish, or undefined if it may: it must be on loopback, no page of a browser, and nobody forwarded it. */
export function refusal(request, { http = false } = {}) {
  const { headers } = request;
  if (isAuthenticating) return undefined;
  const advice = broken('forbidden-no-option') ? '' : '; --allow-publish widens this';
  if (settings.publishers.check(request.socket.remoteAddress)) return undefined;
  if (!isLoopback(request.socket.remoteAddress)) return `${request.socket.remoteAddress} is not loopback${advice}`;
  if (headers.origin !== undefined && !originPasses(headers.origin, http)) return `pages do not publish${advice}`;
  const forwarded = Object.keys(headers).find((name) => isForwarding(name, headers[name], http));
  return forwarded === undefined ? undefined : `${forwarded} shows that the peer is not local${advice}`;
}

function isLoopback(address = '') {
  return address === '::1' || /^(::ffff:)?127\./u.test(address);
}

function originPasses(origin, http) {
  if (broken(http ? 'origin-http-allowed' : 'origin-allowed')) return true;
  if (broken('origin-local-allowed') && /\/\/(localhost|127\.)/u.test(origin)) return true;
  return broken('origin-null-allowed') && origin === 'null';
}

function isForwarding(name, value, http) {
  if (broken('http-forwarded-allowed') && http) return false;
  if (name === 'forwarded') return !broken('forwarded-allowed');
  if (name === 'x-forwarded-for') {
    if (broken('x-forwarded-local-allowed') && value === '127.0.0.1') return false;
    return !broken('x-forwarded-for-allowed');
  }
  return name.startsWith('x-forwarded-') && !broken('x-forwarded-proto-allowed');
}
