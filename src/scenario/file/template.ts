import type { Json } from '../../protocol/index.js';

/** What stands between `${` and `}`, or an escaped `$${`. */
export type Piece =
  | { readonly kind: 'variable'; readonly name: string; readonly plus: number; readonly source: string }
  | { readonly kind: 'repeat'; readonly count: number; readonly text: string; readonly source: string }
  | { readonly kind: 'escape'; readonly source: string }
  | { readonly kind: 'broken'; readonly because: string; readonly source: string };

/** Longest text that `${repeat:…}` may make, in characters. */
const LONGEST = 2 ** 26;

/** In the text of a `repeat` a brace is written `\\}`. */
const PIECES = /\$\$\{|\$\{((?:\\\}|[^}])*)(\}?)/g;
const VARIABLE = /^\s*([A-Za-z_]\w*)(?:\s*([+-])\s*(\d+))?\s*$/;
const REPEAT = /^repeat:(\d+):(.*)$/s;

/** How a name of a variable has to look. */
export const VARIABLE_NAME: RegExp = /^[A-Za-z_]\w*$/;

/**
 * Puts values in for the pieces of a text. A text that is nothing but one piece becomes the value, with its type; in a longer one a
 * list or a map is put in as JSON.
 * @param valueFor the value of a piece; `undefined` leaves it as it stands.
 */
export function fill(text: string, valueFor: (piece: Piece) => Json | undefined): Json {
  let filled = '';
  let end = 0;
  for (const { 0: source, 1: inside = '', 2: brace = '', index } of text.matchAll(PIECES)) {
    const value = valueFor(source === '$${' ? { kind: 'escape', source } : read(source, inside, brace === '}'));
    if (source === text) return value === undefined ? text : value;
    filled += text.slice(end, index) + textOf(value, source);
    end = index + source.length;
  }
  return filled + text.slice(end);
}

/**
 * `${offset + 1}` counts.
 * @throws Error where the variable is no number.
 */
export function count(value: Json, piece: Piece & { readonly kind: 'variable' }): Json {
  if (piece.plus === 0) return value;
  if (typeof value === 'number') return value + piece.plus;
  throw new Error(`${piece.source} counts, and ${piece.name} is no number but ${JSON.stringify(value)}`);
}

function read(source: string, inside: string, isClosed: boolean): Piece {
  if (!isClosed) return { kind: 'broken', because: `found "\${" without its "}": a plain "\${" is written $\${`, source };
  const [, times, escaped = ''] = REPEAT.exec(inside) ?? [];
  const text = escaped.replaceAll('\\}', '}');
  if (times !== undefined) {
    if (Number(times) * text.length <= LONGEST) return { kind: 'repeat', count: Number(times), text, source };
    return { kind: 'broken', because: `found ${times} times ${text.length} characters, expected at most ${LONGEST} in all`, source };
  }
  const [, name, sign, amount] = VARIABLE.exec(inside) ?? [];
  if (name !== undefined) return { kind: 'variable', name, plus: Number(`${sign ?? ''}${amount ?? 0}`), source };
  const because = `found ${source}, expected \${name}, \${name + 1} or \${repeat:3:text}: a plain "\${" is written $\${`;
  return { kind: 'broken', because, source };
}

function textOf(value: Json | undefined, source: string): string {
  if (value === undefined) return source;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
