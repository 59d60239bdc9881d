/** Control characters, line breaks too, lone surrogates, and what would reorder or hide text. */
const UNSAFE = /[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** Text that reads in Markdown as it is, in a line of its own or in a cell: nothing in it is markup, a link or a line break. */
export function markdownText(text: string): string {
  return inOneLine(text)
    .replace(/[\\`*_{}[\]<>#|~&$]/g, '\\$&')
    .replace(/:\/\//g, ':\\/\\/')
    .replace(/\bwww(?=\.)/gi, '$&\\');
}

/** The same in the font of code; not for a cell of a table, which a `|` would end. */
export function codeSpan(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 || text.trim() !== text || text === '' ? ' ' : '';
  return `${fence}${space}${inOneLine(text)}${space}${fence}`;
}

/** Text in a cell of a table, in the font of code unless a character needs an escape, which code cannot have. */
export function codeCell(text: string): string {
  return /[|\\]/.test(text) ? markdownText(text) : codeSpan(text);
}

/** Cells are Markdown already; columns that hold figures are aligned to the right. */
export function markdownTable({ headings, rows }: { headings: readonly string[]; rows: readonly (readonly string[])[] }): string {
  const words = headings.map((_, column) => rows.every((row) => /^([^\d±+−<]*|`.*)$/.test(row[column] ?? '')));
  const rule = words.map((holdsWords) => (holdsWords ? ':--' : '--:'));
  return [headings, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inOneLine(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
