import type { Json, JsonObject } from './filter.js';
import type { ScannedMember, ScannedObject } from './scan.js';

/** Members that are relayed and that no rule of the protocol looks into. */
const RELAYED: readonly string[] = ['data', 'message'];

/**
 * Builds of a message what the protocol looks at, and nothing of what is only relayed: the members with known names, each
 * parsed from where `scan` found it. Reading it comes to the same as reading what `JSON.parse` makes of the whole.
 * @param text the scanned message, of which every unit is one byte.
 */
export function parseKnown(text: string, root: ScannedObject): JsonObject {
  const known: Record<string, Json> = {};
  for (const member of root.members) if (!RELAYED.includes(member.name)) known[member.name] = parseMember(text, member);
  return known;
}

function parseMember(text: string, { name, start, end, inner }: ScannedMember): Json {
  if (name === 'notification' && inner[0]) return parseElement(text, inner[0]);
  if (name === 'notifications' && text[start] === '[') return inner.map((element) => parseElement(text, element));
  return JSON.parse(text.slice(start, end)) as Json;
}

/** What stands where a notification should. */
function parseElement(text: string, element: ScannedObject): Json {
  if (text[element.start] === '{') return parseKnown(text, element);
  return JSON.parse(text.slice(element.start, element.end)) as Json;
}
