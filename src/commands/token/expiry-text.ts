const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/**
 * When a token ends, in words: `in 59 min, at 2026-11-23T12:00:00.000Z`.
 * @param expiresAt ms since 1970; `undefined`: never.
 * @param now ms since 1970.
 */
export function expiryText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'never';
  const seconds = Math.round(Math.abs(expiresAt - now) / 1000);
  const at = new Date(expiresAt).toISOString();
  return expiresAt > now ? `in ${lengthText(seconds)}, at ${at}` : `${lengthText(seconds)} ago, at ${at}`;
}

/** In its largest unit, and the next one where that counts: `1 h 59 min`. */
function lengthText(seconds: number): string {
  const first = UNITS.findIndex(([, length]) => seconds >= length);
  const [unit, length] = UNITS[first] ?? ['s', 1];
  const rest = UNITS[first + 1];
  const more = rest === undefined ? 0 : Math.floor((seconds % length) / rest[1]);
  return `${Math.floor(seconds / length)} ${unit}${rest === undefined || more === 0 ? '' : ` ${more} ${rest[0]}`}`;
}
