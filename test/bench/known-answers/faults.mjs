import { settings } from './settings.mjs';

// Each kind has its own remainder, so that with counts that have a common divisor no delivery is to suffer two of them.
const KINDS = [
  ['drop', settings.dropEvery],
  ['duplicate', settings.duplicateEvery],
  ['misdeliver', settings.misdeliverEvery],
  ['corrupt', settings.corruptEvery],
  ['swap', settings.swapEvery],
];

/** What happens to the n-th delivery of the load, n from 1 on over all subscribers; nothing, mostly. */
export function faultOf(n) {
  return KINDS.find(([, every], kind) => every !== undefined && n % every === kind % every)?.[0];
}

const CORRUPTIONS = [
  (text) => text.replace(/"message":"./, '"message":"?'),
  (text) => text.replace(/"channel":"/, '"channel":"0'),
  (text) => text.replace(/"page":/, '"added":1,"page":'),
  (text) => text.replace(/.","?(?=\}$)|."\}$/, (end) => end.slice(1)),
];

/** The text of a notification with another value than it had; in which way changes from one to the next. */
export function corrupted(text, n) {
  const changed = CORRUPTIONS[Math.floor(n / settings.corruptEvery) % CORRUPTIONS.length](text);
  if (changed === text) throw new Error(`nothing to corrupt in ${text}`);
  return changed;
}

/** The same value in other bytes, as a server writes it that parses what it relays. */
export function reencoded(text) {
  return JSON.stringify(JSON.parse(text), null, 1);
}
