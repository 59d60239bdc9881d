import { type Command, Option } from 'commander';
import { switchOption } from '../options/switch-option.js';
import { API_KEYS } from './api-keys.js';
import type { Given } from './configure.js';
import { SWITCH } from './kinds.js';
import type { Setting } from './setting.js';
import { GROUPS, SETTINGS } from './settings.js';

/** The file may be named on a command line and in the environment, and not in itself. */
export const CONFIG_VARIABLE = 'WSN_CONFIG';

/** The options of every command that takes the broker's settings: `--config`, and one for each setting but the secret. */
export function settingOptions(): Option[] {
  const config = new Option('--config <file>', 'file with settings; wsn.yaml of this folder by default, if there is one');
  const own = SETTINGS.flatMap((setting) => optionsOf(setting).map((option) => option.helpGroup(`${GROUPS[setting.group]}:`)));
  return [...own, withVariable(config, CONFIG_VARIABLE)];
}

/** What a command with these options was given. */
export function givenTo(command: Command): Given {
  return { values: command.opts(), sourceOf: (attribute) => command.getOptionValueSource(attribute) };
}

/** The default as the help and the documentation show it; `undefined` where nothing is set. */
export function standardText({ kind, standard }: Setting): string | undefined {
  if (standard === undefined || (Array.isArray(standard) && standard.length === 0)) return undefined;
  return String(kind.format(standard));
}

function optionsOf(setting: Setting): Option[] {
  const { flag, short, variable, kind, about } = setting;
  if (flag === undefined) return [];
  if (kind === SWITCH) return [switchOption(flag, about, variable), new Option(flag.replace('--', '--no-')).hideHelp()];
  const value = `<${kind.placeholder}${kind.isList ? '...' : ''}>`;
  const option = withVariable(new Option(`${short === undefined ? '' : `${short}, `}${flag} ${value}`, about), variable);
  const standard = standardText(setting);
  if (standard !== undefined) option.default(setting.standard, standard);
  if (kind.choices !== undefined) return [option.choices(kind.choices)];
  if (!kind.isList) return [option.argParser((text) => kind.parse(text))];
  // The text of a key is read later: commander would repeat what it cannot read.
  const read = (text: string) => (kind === API_KEYS ? [text] : (kind.parse(text) as readonly unknown[]));
  return [option.argParser((text, previous: readonly unknown[] = []) => [...previous, ...read(text)])];
}

/** An empty variable counts as none: that is how files of containers leave one out. */
function withVariable(option: Option, variable: string): Option {
  if (process.env[variable] !== '') return option.env(variable);
  option.description += ` (env: ${variable})`;
  return option;
}
