import { type Document, visit, type YAMLParseError } from 'yaml';

/** An error of YAML in plain words, and the offsets in the text between which it stands. */
export interface PlainYamlError {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

interface Broken {
  readonly error: YAMLParseError;
  readonly text: string;
  readonly document: Document.Parsed;
}

/** How a message of the parser begins, and what is said instead. */
const IN_PLAIN_WORDS: readonly (readonly [code: string, begin: string, message: string])[] = [
  ['TAB_AS_INDENT', '', 'found a tab in the indentation: indent with spaces'],
  ['MULTIPLE_DOCS', '', 'found a second document, expected one: take out the "---"'],
  ['BAD_INDENT', 'All mapping items', 'wrong indentation: the members of a map begin in the same column, and this line begins in another'],
  ['BAD_INDENT', 'All sequence items', 'wrong indentation: the items of a list begin in the same column, and this line begins in another'],
  ['MISSING_CHAR', 'Sequence item without', 'wrong indentation: the line belongs to a list, and does not begin with "- " in its column'],
  [
    'BLOCK_AS_IMPLICIT_KEY',
    'A block sequence',
    'wrong indentation: the items of a list begin in the same column, and this line begins in another',
  ],
  ['BAD_INDENT', 'Flow map', 'expected "," or "}": a map in braces has not ended, and what belongs to it is indented deeper than its name'],
  [
    'BAD_INDENT',
    'Flow sequence',
    'expected "," or "]": a list in brackets has not ended, and what belongs to it is indented deeper than its name',
  ],
  ['BLOCK_AS_IMPLICIT_KEY', 'Nested mappings', 'found a second ": " in the line: put a text that has one in quotes'],
  ['MULTILINE_IMPLICIT_KEY', '', 'found a line that is no member: write "name: value", with a space behind the colon'],
  ['MISSING_CHAR', 'Implicit map keys', 'found a line that is no member: write "name: value", with a space behind the colon'],
  [
    'MISSING_CHAR',
    'Missing , or :',
    'expected "," between two items: put a text that has braces or brackets in quotes, such as a variable',
  ],
  ['MISSING_CHAR', 'Comments must', 'found "#" right behind a value: put a space in front of a comment'],
  ['MISSING_CHAR', 'Missing closing', 'the quotes of this text do not end'],
  ['UNEXPECTED_TOKEN', '', 'found more behind a value that has ended: put the whole text in quotes'],
  ['RESOURCE_EXHAUSTION', '', 'nested too deep'],
  ['NON_STRING_KEY', '', 'found a list or a map as the name of a member, expected text'],
];

/** How the same is said where the parser's words are clear, or not known here. */
export function plainYamlError({ error, text, document }: Broken): PlainYamlError {
  const [from, to] = error.pos;
  if (error.code === 'DUPLICATE_KEY') return twice(text, from);
  if (error.code === 'BAD_SCALAR_START') {
    return { message: `found a text that begins with ${JSON.stringify(text[from])}: put it in quotes`, from, to };
  }
  if (error.code === 'BAD_DQ_ESCAPE') {
    return {
      message: `found ${text.slice(from, from + 2)}, which is no escape: write \\\\ for a backslash, or use single quotes`,
      from,
      to,
    };
  }
  if (isTooDeep(document)) {
    const at = firstOfLine(text, endOfLine(text, from) + 1);
    return { message: 'wrong indentation: the line above has a value, so nothing can stand below it', from: at, to: endOfLine(text, at) };
  }
  const known = IN_PLAIN_WORDS.find(([code, begin]) => code === error.code && error.message.startsWith(begin));
  const message = known?.[2] ?? `${error.message[0]?.toLowerCase()}${error.message.slice(1)}`;
  if (error.message.startsWith('Missing closing')) return { message, from: openQuote(document, from), to };
  if (!message.startsWith('wrong indentation')) return { message, from, to };
  const at = firstOfLine(text, from);
  return { message, from: at, to: endOfLine(text, at) };
}

function twice(text: string, from: number): PlainYamlError {
  const to = from + (/^(?:"[^"]*"|'[^']*'|[^:\s]*)/.exec(text.slice(from))?.[0].length ?? 1);
  const name = text.slice(from, to).replace(/^(["'])(.*)\1$/, '$2');
  return { message: `the member ${JSON.stringify(name)} stands twice`, from, to };
}

/** Members below `name: value`: the parser takes the value and they for a name of several lines, and points at the value. */
function isTooDeep({ errors: [first, second] }: Document.Parsed): boolean {
  const isNested = first?.code === 'BLOCK_AS_IMPLICIT_KEY' && first.message.startsWith('Nested mappings');
  return isNested && second?.code === 'MULTILINE_IMPLICIT_KEY' && second.pos[0] === first.pos[0];
}

/** Where the quoted text begins that reaches up to `end`. */
function openQuote(document: Document.Parsed, end: number): number {
  let from = end;
  visit(document, {
    Scalar: (_, { type, range }) => {
      if (type?.startsWith('QUOTE') && range && range[0] < end && range[2] >= end) from = range[0];
    },
  });
  return from;
}

/** The first character of the line that is no blank. */
function firstOfLine(text: string, at: number): number {
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  return begin + (/^ */.exec(text.slice(begin))?.[0].length ?? 0);
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
