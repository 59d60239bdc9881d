/** As `escapeText` has it, without the white space of C0: in JSON that stands between values, and raw in no string. */
const UNSAFE = /(?![\t\n\r])[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes JSON that carries a peer's text safe to print, on a terminal and for whoever shows it on one later.
 * @returns `json` with every unsafe character as its `\uXXXX`: other writing, the same value.
 */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
