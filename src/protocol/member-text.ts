/**
 * The value of a root member, for a message that is too deep to be built or scanned: one flat pass, which takes no
 * memory however deep it is, and checks of the message only that it is an object whose brackets close.
 * @returns the value's JSON with the space around it, of the last member of the name as with `JSON.parse`; or undefined.
 */
export function memberText(text: string, name: string): string | undefined {
  let at = pastSpace(text);
  if (text[at] !== '{') return undefined;
  let found: string | undefined;
  let level = 0;
  /** Where the value of such a member begins, while the walk is in one. */
  let start = 0;
  let isNamed = false;
  for (; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (level === 1 && start === 0) isNamed = isSpelled(text.slice(at, end + 1), name);
      at = end;
    } else if (character === '{' || character === '[') level++;
    else if (level === 1 && character === ':') start = at + 1;
    else if ((level === 1 && character === ',') || character === '}' || character === ']') {
      if (level === 1) {
        if (isNamed && start > 0) found = text.slice(start, at);
        start = 0;
        isNamed = false;
      }
      if (character !== ',' && --level === 0) return found;
    }
  }
  return undefined;
}

function pastSpace(text: string): number {
  let at = 0;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

/** The closing quote of the string that begins at `at`, or the end of the message. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}

/** Whether a JSON string spells the name, be it with escapes: then each character takes at most the six of \u0000. */
function isSpelled(json: string, name: string): boolean {
  if (json.length > name.length * 6 + 2) return false;
  try {
    return JSON.parse(json) === name;
  } catch {
    return false;
  }
}
