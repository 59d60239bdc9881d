import { knownName } from './known-names.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The value of a root member, for a message that is too deep to be built or scanned: one flat pass, which takes no
 * memory however deep it is, and checks of the message only that it is an object whose brackets close.
 * @param name one of the protocol's (`TOP_NAMES`).
 * @returns the value's JSON with the space around it, of the last member of the name as with `JSON.parse`; or undefined.
 */
export function memberText(bytes: Uint8Array, name: string): string | undefined {
  let at = pastSpace(bytes);
  if (bytes[at] !== OPEN_BRACE) return undefined;
  let found: Uint8Array | undefined;
  let level = 0;
  /** Where the value of such a member begins, while the walk is in one. */
  let start = 0;
  let isNamed = false;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = endOfString(bytes, at);
      if (level === 1 && start === 0) isNamed = knownName(bytes, at + 1, end, bytes.subarray(at, end).includes(BACKSLASH)) === name;
      at = end;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) level++;
    else if (level === 1 && byte === COLON) start = at + 1;
    else if ((level === 1 && byte === COMMA) || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (level === 1) {
        if (isNamed && start > 0) found = bytes.subarray(start, at);
        start = 0;
        isNamed = false;
      }
      if (byte !== COMMA && --level === 0) return found && new TextDecoder().decode(found);
    }
  }
  return undefined;
}

function pastSpace(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

/** The closing quote of the string that begins at `at`, or the end of the message. */
function endOfString(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < bytes.length && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1;
  return end;
}
