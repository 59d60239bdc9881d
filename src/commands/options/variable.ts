import type { Option } from 'commander';

/** Has an option read from the environment, too. An empty variable counts as none: that is how files of containers leave one out. */
export function withVariable(option: Option, variable: string): Option {
  if (process.env[variable] !== '') return option.env(variable);
  option.description += ` (env: ${variable})`;
  return option;
}
