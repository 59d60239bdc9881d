/** The deepest nesting of containers in a JSON text, without parsing it. Brackets inside of texts do not count. */
export function depthOf(text, { countTexts = false } = {}) {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"' && !countTexts) i = endOfString(text, i) - 1;
    else if (c === '{' || c === '[') deepest = Math.max(deepest, ++depth);
    else if (c === '}' || c === ']') depth--;
  }
  return deepest;
}

/** The levels of a parsed value: a scalar has none, an empty object has one. */
export function levels(value) {
  const containers = (values) => values.filter((each) => typeof each === 'object' && each !== null);
  let level = 0;
  for (let row = containers([value]); row.length > 0; level++) row = containers(row.flatMap((each) => Object.values(each)));
  return level;
}

/** The members of the object at `at` of a valid JSON text: { name, escaped, raw }, in order, repeated ones too. */
export function* members(text, at = skipBlanks(text, 0)) {
  if (text[at] !== '{') return;
  let i = skipBlanks(text, at + 1);
  while (text[i] === '"') {
    const endOfName = endOfString(text, i);
    const written = text.slice(i, endOfName);
    const start = skipBlanks(text, skipBlanks(text, endOfName) + 1);
    const end = endOfValue(text, start);
    yield { name: JSON.parse(written), escaped: written.includes('\\'), raw: text.slice(start, end) };
    i = skipBlanks(text, end);
    if (text[i] === ',') i = skipBlanks(text, i + 1);
  }
}

/** The elements of a list, as they are written. */
export function* elements(text) {
  let i = skipBlanks(text, text.indexOf('[') + 1);
  while (i < text.length && text[i] !== ']') {
    const end = endOfValue(text, i);
    yield text.slice(i, end);
    i = skipBlanks(text, end);
    if (text[i] === ',') i = skipBlanks(text, i + 1);
  }
}

function skipBlanks(text, at) {
  let i = at;
  while (text[i] === ' ' || text[i] === '\t' || text[i] === '\n' || text[i] === '\r') i++;
  return i;
}

/** The index after the closing quote of the string that begins at `at`; the end of the text if there is none. */
function endOfString(text, at) {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

function endOfValue(text, at) {
  let depth = 0;
  let i = at;
  while (i < text.length) {
    const c = text[i];
    if (c === '"') {
      i = endOfString(text, i);
      if (depth === 0) return i;
      continue;
    }
    if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') {
      if (depth === 0) return i;
      if (--depth === 0) return i + 1;
    } else if (depth === 0 && (c === ',' || c === ' ' || c === '\t' || c === '\n' || c === '\r')) return i;
    i++;
  }
  return i;
}
