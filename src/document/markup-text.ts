/**
 * What XML 1.0 does not allow, and what would reorder or hide text: control characters but the line break and the tab,
 * lone surrogates, U+FFFE and U+FFFF, line separators, direction marks.
 */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Surrogate}\ufffe\uffff\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in XML 1.0 and in HTML, between tags or in a quoted attribute; what cannot is there as `\uXXXX`. */
export function markupText(text: string): string {
  return text
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The same for an attribute of XML, in which a parser would make a space of a line break. */
export function attributeText(text: string): string {
  return markupText(text).replace(/\n/g, '&#10;').replace(/\t/g, '&#9;');
}
