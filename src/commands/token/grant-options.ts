import { ANY_NAME, type Grant, type Json, membersOf, ProtocolError, readGrants } from '../../protocol/index.js';
import { UsageError } from '../exit/usage-error.js';

/**
 * Reads grants as options give them: `PACKAGE/PAGE`, with `*` for any, or JSON with one grant or an array of them.
 * @param option for the error.
 * @returns them as a token carries them.
 * @throws UsageError for what is none.
 */
export function readGrantOptions(option: string, texts: readonly string[] | undefined): readonly Grant[] {
  const given = (texts ?? []).flatMap((text) => readText(option, text.trim()));
  try {
    return readGrants(given, '').map(({ filters, ...topic }) => {
      const members = membersOf(filters);
      return Object.keys(members).length === 0 ? topic : { ...topic, filters: members };
    });
  } catch (error) {
    if (error instanceof ProtocolError) throw new UsageError(`${option}: ${error.described}`);
    throw error;
  }
}

function readText(option: string, text: string): readonly Json[] {
  if (/^[[{]/.test(text)) {
    const value = parse(option, text);
    return Array.isArray(value) ? value : [value];
  }
  const [name = '', page = '', ...more] = text.split('/');
  if (name !== '' && page !== '' && more.length === 0) return [{ package: name, page }];
  const hint = name !== '' && page === '' && more.length === 0 ? `; for all of its pages: ${name}/${ANY_NAME}` : '';
  throw new UsageError(`${option} ${text}: expected PACKAGE/PAGE, such as amaiia_msg_srv/* or */*, or a grant as JSON${hint}`);
}

function parse(option: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(`${option} ${text}: begins as JSON and is none`);
  }
}
