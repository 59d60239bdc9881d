import { stripVTControlCharacters } from 'node:util';

/** How many columns a line of our own words and figures takes, colours not counted. */
export function visibleWidth(line: string): number {
  return stripVTControlCharacters(line).length;
}

/** Fills a line up to `width` columns. */
export function padTo(line: string, width: number): string {
  return line + ' '.repeat(Math.max(0, width - visibleWidth(line)));
}

/** Two blocks beside each other, the left one filled up to `width` columns. */
export function sideBySide(left: readonly string[], right: readonly string[], width: number): string[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const beside = right[index] ?? '';
    return beside === '' ? (left[index] ?? '') : padTo(left[index] ?? '', width) + beside;
  });
}

/**
 * Lines of at most `width` columns, broken between words where that is possible; each but the first indented by `indent`.
 * @param text without colours, of any language: what is not ASCII is taken for two columns wide.
 */
export function wrap(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = '';
  const room = () => Math.max(1, width - (lines.length === 0 ? 0 : indent));
  const end = () => {
    lines.push(lines.length === 0 ? line : ' '.repeat(indent) + line);
    line = '';
  };
  for (const word of text.split(/ +/)) {
    if (line !== '' && columnsOf(`${line} ${word}`) > room()) end();
    line = line === '' ? word : `${line} ${word}`;
    while (columnsOf(line) > room()) {
      const fitting = longestStart(line, room());
      const rest = line.slice(fitting.length);
      line = fitting;
      end();
      line = rest;
    }
  }
  if (line !== '' || lines.length === 0) end();
  return lines;
}

/** The longest start of `text` that fits into `width` columns, and never less than a character. */
function longestStart(text: string, width: number): string {
  let start = '';
  for (const character of text) {
    if (start !== '' && columnsOf(start + character) > width) break;
    start += character;
  }
  return start;
}

function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += (character.codePointAt(0) ?? 0) < 0x80 ? 1 : 2;
  return columns;
}
