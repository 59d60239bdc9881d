import { Option } from 'commander';

const OFF = new Set(['', '0', 'false', 'no', 'off']);

/**
 * An option without a value that can also be set in the environment. Commander takes any value of the variable as
 * "on"; here `0`, `false`, `no`, `off` and nothing are off, as everybody who writes `WSN_TOLERANT=0` means it.
 */
export function switchOption(flags: string, description: string, variable: string): Option {
  const isOff = OFF.has((process.env[variable] ?? '').trim().toLowerCase());
  const option = new Option(flags, `${description} (env: ${variable})`);
  if (isOff) return option;
  return new Option(flags, description).env(variable);
}
