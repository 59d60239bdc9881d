import { type Command, Option } from 'commander';

const ON = new Set(['1', 'true', 'yes', 'on']);
const OFF = new Set(['', '0', 'false', 'no', 'off']);

/**
 * What a variable of the environment that is a switch says, as everybody who writes `WSN_TOLERANT=0` means it.
 * @returns `undefined` for any other word: nobody knows whether it is meant to switch on or off.
 */
export function readSwitch(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return ON.has(word) ? true : OFF.has(word) ? false : undefined;
}

/** What is wrong with a variable that `readSwitch` cannot read. */
export function switchProblem(variable: string, text: string): string {
  return `${variable} is ${JSON.stringify(text)}: expected 1, true, yes or on, or 0, false, no or off`;
}

/**
 * An option without a value that can also be set in the environment. Commander takes any value of the variable as
 * "on"; here `0`, `false`, `no`, `off` and nothing are off, and what is neither is found by `findOddSwitch`.
 */
export function switchOption(flags: string, description: string, variable: string): Option {
  if (readSwitch(process.env[variable] ?? '') === false) return new Option(flags, `${description} (env: ${variable})`);
  return new Option(flags, description).env(variable);
}

/**
 * Looks for a switch that commander has taken for "on" from a variable that says neither on nor off.
 * @returns what is wrong, `undefined` where nothing is.
 */
export function findOddSwitch(command: Command): string | undefined {
  for (const option of command.options) {
    const text = option.envVar === undefined ? undefined : process.env[option.envVar];
    if (option.envVar === undefined || text === undefined || !option.isBoolean()) continue;
    const isFromVariable = command.getOptionValueSource(option.attributeName()) === 'env';
    if (isFromVariable && readSwitch(text) === undefined) return switchProblem(option.envVar, text);
  }
  return undefined;
}
