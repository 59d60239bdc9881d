/** What stands before a `/` that begins a regular expression and not a division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield))$/;

/** `import … from '`, `export … from '`; braces may hold anything, so that names written as strings are read too. */
const FROM = /(?<![.\w$])(?:import|export)\b(?:[\w$\s,*]|\{[^}]*\})*?\bfrom\s*(?=['"])/g;
const BARE = /(?<![.\w$])import\s*(?=['"])/g;
const CALL = /(?<![.\w$])import\s*\(\s*/g;

/**
 * Reads which modules a TypeScript source imports: `import`, `import type`, `export … from`, `import('…')`, also as a type.
 * @param {string} source
 * @returns {{ imports: { specifier: string, line: number }[], problems: { line: number, what: string }[] }} in the order of the
 *   lines; a problem is a place that this reader does not understand, which is reported so that nothing slips by.
 */
export function readImports(source) {
  const { code, strings, unfinished } = maskText(source);
  const problems = unfinished === undefined ? [] : [{ line: lineAt(source, unfinished), what: 'a string or comment that does not end' }];
  const found = new Map();
  for (const pattern of [FROM, BARE, CALL]) {
    for (const match of code.matchAll(pattern)) {
      const start = match.index + match[0].length;
      const end = strings.get(start);
      if (end !== undefined) found.set(start, source.slice(start + 1, end - 1));
      else problems.push({ line: lineAt(source, match.index), what: 'an import whose module is not a plain string' });
    }
  }
  for (const match of code.matchAll(/\bfrom\s*(?=['"])/g)) {
    const start = match.index + match[0].length;
    if (!found.has(start)) problems.push({ line: lineAt(source, start), what: 'a "from" that belongs to no import or export' });
  }
  const imports = [...found].sort(([one], [other]) => one - other);
  return { imports: imports.map(([start, specifier]) => ({ specifier, line: lineAt(source, start) })), problems };
}

/**
 * The source with comments, regular expressions and the insides of strings blanked, at the same length, so that what is left
 * can be searched by patterns. `strings` maps where a quoted string begins to where it ends.
 */
function maskText(source) {
  const code = [...source].length === source.length ? [...source] : source.split('');
  const strings = new Map();
  const blank = (from, to) => {
    for (let at = from; at < to; at += 1) if (code[at] !== '\n') code[at] = ' ';
  };
  /** One entry for each template that is open: how many braces are open in its current `${…}`. */
  const templates = [];
  let unfinished;
  let at = 0;
  const take = (end, keep) => {
    if (end === undefined) unfinished ??= at;
    const stop = end ?? source.length;
    blank(at + keep, stop - keep);
    at = stop;
  };
  while (at < source.length) {
    const char = source[at];
    const two = source.slice(at, at + 2);
    if (two === '//') take(after(source, '\n', at) ?? source.length, 0);
    else if (two === '/*') take(after(source, '*/', at + 2), 0);
    else if (char === "'" || char === '"') {
      const end = endOfQuoted(source, at, char);
      if (end !== undefined) strings.set(at, end);
      take(end, 1);
    } else if (
      char === '/' &&
      BEFORE_REGEX.test(
        code
          .slice(Math.max(0, at - 40), at)
          .join('')
          .trimEnd(),
      )
    ) {
      take(endOfQuoted(source, at, '/'), 0);
    } else if (char === '`' || (char === '}' && templates.at(-1) === 0)) {
      if (char === '}') templates.pop();
      const { end, isOpen } = endOfTemplatePart(source, at);
      if (isOpen) templates.push(0);
      take(end, 1);
    } else {
      if (templates.length > 0 && char === '{') templates[templates.length - 1] += 1;
      if (templates.length > 0 && char === '}') templates[templates.length - 1] -= 1;
      at += 1;
    }
  }
  return { code: code.join(''), strings, unfinished };
}

function after(source, text, from) {
  const found = source.indexOf(text, from);
  return found === -1 ? undefined : found + text.length;
}

/** Where the string or regular expression that begins at `start` ends; a class such as `[/]` does not end one. */
function endOfQuoted(source, start, quote) {
  let isClass = false;
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '\n') return undefined;
    else if (quote === '/' && char === '[') isClass = true;
    else if (quote === '/' && char === ']') isClass = false;
    else if (char === quote && !isClass) return at + 1;
  }
  return undefined;
}

/** Where the text of a template that begins at `start` ends: at its last backquote, or at a `${` (`isOpen`). */
function endOfTemplatePart(source, start) {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`') return { end: at + 1, isOpen: false };
    else if (source.startsWith('${', at)) return { end: at + 2, isOpen: true };
  }
  return { end: undefined, isOpen: false };
}

function lineAt(source, at) {
  return source.slice(0, at).split('\n').length;
}
