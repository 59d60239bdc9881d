import { access } from './access.mjs';
import { base } from './base.mjs';
import { close } from './close.mjs';
import { http } from './http.mjs';
import { match } from './match.mjs';
import { transport } from './transport.mjs';
import { v1 } from './v1.mjs';

/** All mistakes this broker can make: chapter → name → what it does wrong. */
export const chapters = { transport, base, match, close, v1, http, access };

const known = new Set(Object.values(chapters).flatMap((mistakes) => Object.keys(mistakes)));
const chosen = new Set();

/** Switches a mistake on; false when there is none of that name. */
export function breakIt(name) {
  if (!known.has(name)) return false;
  chosen.add(name);
  return true;
}

/** Whether the mistake is switched on. A name that is not in the lists is an error in this program. */
export function broken(name) {
  if (!known.has(name)) throw new Error(`No mistake is called ${name}.`);
  return chosen.has(name);
}
