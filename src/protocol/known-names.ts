/** Members that mean something at the top of a message, or of one that is sent over HTTP. */
export const TOP_NAMES = ['sender', 'subscriptions', 'notification', 'id', 'key', 'resume', 'token'] as const;

/** Members that mean something at the first level of a notification. */
export const NOTIFICATION_NAMES = ['package', 'page', 'filters', 'data', 'message'] as const;

const KNOWN: readonly string[] = [...TOP_NAMES, ...NOTIFICATION_NAMES, 'notifications'];
const LONGEST_KNOWN = Math.max(...KNOWN.map((name) => name.length));

/** A known name and the bytes that spell it. */
interface Spelling {
  readonly name: string;
  readonly codes: readonly number[];
}

/** By their length: almost every name in a message is found, or found to be unknown, by a look at a byte or two. */
const BY_LENGTH: readonly (readonly Spelling[])[] = Array.from({ length: LONGEST_KNOWN + 1 }, (_, length) =>
  KNOWN.filter((name) => name.length === length).map((name) => ({ name, codes: Array.from(name, (letter) => letter.charCodeAt(0)) })),
);

/** The known name that the bytes between two quotes spell, if they spell one. Known names are ASCII. */
export function knownName(bytes: Uint8Array, start: number, end: number, isEscaped: boolean): string | undefined {
  if (isEscaped) return unescapedName(bytes, start, end);
  const spellings = BY_LENGTH[end - start];
  if (spellings) for (const { name, codes } of spellings) if (areSpelled(bytes, start, codes)) return name;
  return undefined;
}

function areSpelled(bytes: Uint8Array, start: number, codes: readonly number[]): boolean {
  for (let index = 0; index < codes.length; index++) if (bytes[start + index] !== codes[index]) return false;
  return true;
}

function unescapedName(bytes: Uint8Array, start: number, end: number): string | undefined {
  // Every character of a known name takes at most the six bytes of \u0000.
  if (end - start > LONGEST_KNOWN * 6) return undefined;
  let name = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return undefined;
    if (byte !== 0x5c) name += String.fromCharCode(byte);
    else if (bytes[at + 1] === 0x75) {
      let unit = 0;
      for (let digit = at + 2; digit < at + 6; digit++) unit = unit * 16 + hexValue(bytes[digit]);
      name += String.fromCharCode(unit);
      at += 5;
    } else return undefined; // \n, \" and their like stand in no known name
  }
  return KNOWN.includes(name) ? name : undefined;
}

/** The value of a hexadecimal digit, NaN for any other byte. */
export function hexValue(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}
