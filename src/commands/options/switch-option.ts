import { Option } from 'commander';

const OFF = new Set(['', '0', 'false', 'no', 'off']);

/** Whether a variable of the environment that is a switch says "off", as everybody who writes `WSN_TOLERANT=0` means it. */
export function isOff(value: string): boolean {
  return OFF.has(value.trim().toLowerCase());
}

/**
 * An option without a value that can also be set in the environment. Commander takes any value of the variable as
 * "on"; here `0`, `false`, `no`, `off` and nothing are off.
 */
export function switchOption(flags: string, description: string, variable: string): Option {
  if (isOff(process.env[variable] ?? '')) return new Option(flags, `${description} (env: ${variable})`);
  return new Option(flags, description).env(variable);
}
