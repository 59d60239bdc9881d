import { type Command, InvalidArgumentError, Option } from 'commander';
import { integerBetween } from '../options/integer.js';
import { switchOption } from '../options/switch-option.js';
import { withVariable } from '../options/variable.js';
import { API_KEYS } from './api-keys.js';
import { boundsOf } from './bounds.js';
import type { Given } from './configure.js';
import { INTEGER, SWITCH } from './kinds.js';
import type { Setting } from './setting.js';
import { GROUPS, SETTINGS } from './settings.js';

/** The file may be named on a command line and in the environment, and not in itself. */
export const CONFIG_VARIABLE = 'WSN_CONFIG';

/** The options of every command that takes the broker's settings: `--config`, and one for each setting but the secret. */
export function settingOptions(): Option[] {
  const config = new Option('--config <file>', 'file with settings; wsn.yaml of this folder by default, if there is one');
  const own = SETTINGS.flatMap((setting) => optionsOf(setting).map((option) => option.helpGroup(`${GROUPS[setting.group]}:`)));
  return [...own, withVariable(config.argParser(filled(String)), CONFIG_VARIABLE)];
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
  if (kind.choices !== undefined) option.choices(kind.choices);
  const parse = filled(parserOf(setting));
  if (!kind.isList) return [option.argParser(parse)];
  return [option.argParser((text, previous: readonly unknown[] = []) => [...previous, ...(parse(text) as readonly unknown[])])];
}

function parserOf(setting: Setting): (text: string) => unknown {
  const { kind } = setting;
  // The text of a key is read later: commander would repeat what it cannot read.
  if (kind === API_KEYS) return (text) => [text];
  const bounds = kind === INTEGER ? boundsOf(setting) : undefined;
  return bounds === undefined ? (text) => kind.parse(text) : integerBetween(bounds.least, bounds.most);
}

/** A flag with an empty value is a variable of a shell that was not set, and never means the default. */
function filled(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    if (text.trim() === '') throw new InvalidArgumentError('Found an empty value: give it one, or leave the option out.');
    return parse(text);
  };
}
