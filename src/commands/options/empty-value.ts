import type { Command } from 'commander';

/** Options of which an empty value means nothing, and is mostly a variable of a shell that was not set: `--token=$TOKEN`. */
const NEVER_EMPTY = new Set(['--token', '--api-key', '--issuer', '--key-id']);

/**
 * Looks for an option that was typed with an empty value: to go on without it would be to come as a stranger, or to
 * check less. An empty variable of the environment is none.
 * @returns what is wrong, `undefined` where nothing is.
 */
export function findEmptyValue(command: Command): string | undefined {
  for (const option of command.options) {
    const name = option.attributeName();
    if (!NEVER_EMPTY.has(option.long ?? '') || command.getOptionValueSource(name) !== 'cli') continue;
    if (command.getOptionValue(name) === '') return `${option.long}: found an empty value: give it one, or leave the option out`;
  }
  return undefined;
}
