import { UsageError } from '../exit/usage-error.js';
import { readInput } from '../input/json-input.js';

/**
 * Reads a token or a key as an option gives it: itself, or `@` and the file that holds it.
 * @param what it is, for the error, which never repeats the value: it may come from an option or from the environment.
 * @returns `undefined` for none; an empty one is none, as it is in the environment.
 * @throws UsageError when the file cannot be read, or when the text has characters that no header can have.
 */
export async function readSecret(what: string, given: string | undefined): Promise<string | undefined> {
  if (given === undefined || given === '') return undefined;
  const isFile = given.startsWith('@');
  const text = isFile ? (await readInput(given.slice(1))).text.trim() : given.trim();
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  const place = isFile ? `${what} ${given}` : what;
  if (text === '') throw new UsageError(`${place} is empty`);
  throw new UsageError(`${place} has spaces, line breaks or other characters that it cannot have: expected one line of ASCII`);
}
