import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../src/commands/settings/settings.js';
import { type ServerOptions, serverFlags } from '../../../src/scenario/net/server-flags.js';

/** A value of each kind; a scenario may give an option one of them. */
const VALUES = [60_000, true, '/folder/file', '127.0.0.1', 'none'];

/** The options that a scenario may set, as the refusal of another one lists them. */
function optionsOfScenarios(): readonly string[] {
  try {
    return serverFlags({ '': 1 });
  } catch (error) {
    return ((error as Error).message.split('expected one of ')[1] ?? '').split(', ');
  }
}

/** The words of a command line that set an option to the first of the values that it can have. */
function wordsFor(name: string): { readonly value: unknown; readonly words: readonly string[] } {
  for (const value of VALUES) {
    try {
      return { value, words: serverFlags({ [name]: value } as ServerOptions) };
    } catch {}
  }
  throw new Error(`${name} takes none of ${VALUES.join(', ')}`);
}

describe('the options of a server in a scenario', () => {
  it.each(optionsOfScenarios())('%s is the setting of that name, with its flag and what may stand behind it', (name) => {
    const setting = SETTINGS.find((one) => one.name === name);
    const { value, words } = wordsFor(name);
    expect(words[0]).toBe(setting?.flag);
    expect(words.length > 1).toBe(setting?.kind.placeholder !== undefined);
    if (typeof value === 'number') expect(setting?.kind.parse(words[1] ?? '')).toBe(value);
  });
});
