/**
 * C0 and C1 controls, DEL, line separators, and the characters that reorder text: on a terminal they would move the
 * cursor, change colours or make a line read differently from what it says. Lone surrogates, which are no text at all.
 */
const UNSAFE = /[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes text that came from a peer or a file safe to print on one line of a terminal.
 * @returns `text` with every unsafe character as its `\uXXXX`, which also keeps JSON the same JSON.
 */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
