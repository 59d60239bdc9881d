import { ServerError } from './server-error.js';

/** What only a shell could do, outside of quotes; in double quotes only `$` and the backtick. */
const SHELL = /^(?:&&|\|\||>>|<<|[|;&$<>`\n])/;
const SHELL_IN_QUOTES = /^[$`]/;

/**
 * Splits a command into program and arguments, as a shell would: quotes and backslashes are honoured, nothing else is.
 * @throws ServerError when it is empty, when a quote is not closed, or when it has syntax that needs a shell.
 */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    const needsShell = quote === "'" ? null : (quote === '"' ? SHELL_IN_QUOTES : SHELL).exec(text.slice(at, at + 2));
    if (needsShell) throw needsAShell(needsShell[0]);
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && isEscape(quote, text[at + 1])) word = (word ?? '') + text[++at];
    else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new ServerError('usage', `the server command has a ${quote} without its second one: ${text}`);
  if (word !== undefined) words.push(word);
  return withProgram(words);
}

/**
 * Puts the port and the options' flags into the arguments of a command: an argument that is nothing but `{options}`
 * becomes one argument for each flag, `{options}` within another argument becomes the flags with spaces between, quoted for a
 * shell where that would change them.
 * @throws ServerError when the command has no `{port}`, or no `{options}` though there are some.
 */
export function fillCommand(words: readonly string[], port: number, flags: readonly string[]): string[] {
  if (!words.some((word) => word.includes('{port}'))) {
    throw new ServerError('usage', `the server command has no {port}: ${words.join(' ')}; put it where the server is told its port`);
  }
  if (flags.length > 0 && !takesOptions(words)) {
    throw new ServerError('usage', `the server command has no {options}, and the server has to be started with ${flags.join(' ')}`);
  }
  return words.flatMap((word) =>
    word === '{options}' ? flags : [word.replaceAll('{port}', String(port)).replaceAll('{options}', () => flags.map(quoted).join(' '))],
  );
}

function quoted(flag: string): string {
  return /^[\w.:/,=@-]+$/.test(flag) ? flag : `'${flag.replaceAll("'", "'\\''")}'`;
}

/** Whether a server that is started by this command can be given options. */
export function takesOptions(command: string | readonly string[]): boolean {
  return typeof command === 'string' ? command.includes('{options}') : command.some((word) => word.includes('{options}'));
}

function isEscape(quote: string, next: string | undefined): boolean {
  if (next === undefined || quote === "'") return false;
  return quote === '' || /["\\$`]/.test(next);
}

function needsAShell(found: string): ServerError {
  const shown = found === '\n' ? 'a second line' : `"${found}"`;
  return new ServerError(
    'usage',
    `the server command has ${shown}, which needs a shell; it is started without one, so that signals reach the server: ` +
      'quote it if it is meant as it is, else put the command into a script that ends with exec, and name the script',
  );
}

function withProgram(words: string[]): string[] {
  const [program] = words;
  if (program === undefined || program === '') throw new ServerError('usage', 'the server command is empty; expected a program');
  if (/^\w+=/.test(program)) {
    throw new ServerError('usage', `the server command begins with ${program}, which needs a shell; write env before it`);
  }
  return words;
}
