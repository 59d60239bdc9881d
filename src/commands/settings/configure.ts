import { InvalidArgumentError } from 'commander';
import type { FileError } from '../../document/file-error.js';
import { UsageError } from '../exit/usage-error.js';
import { readSwitch, switchProblem } from '../options/switch-option.js';
import { API_KEYS } from './api-keys.js';
import { attributeOf } from './attribute.js';
import type { Configuration, Effective, Origin } from './configuration.js';
import { ConfigurationError } from './configuration-error.js';
import { unknownVariables } from './environment.js';
import { findFile } from './find-file.js';
import { SWITCH } from './kinds.js';
import type { FileSettings } from './read-file.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

/** What a command was given: the values that commander has read, of flags and of the environment. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  /** `cli`, `env` or `default`. */
  readonly sourceOf: (attribute: string) => string | undefined;
}

/**
 * Puts flags, environment and file together: each setting comes from the first of them that has it. The file is read
 * here, and anew by each call.
 * @param environment the variables of the process.
 * @throws UsageError when a value cannot be read, a ConfigurationError when it stands in the file.
 */
export async function configure(given: Given, environment: NodeJS.ProcessEnv): Promise<Configuration> {
  const { path, ignored } = findFile(given.values.config as string | undefined);
  const file = path === undefined ? undefined : await readFile(path);
  return {
    file: path,
    settings: SETTINGS.map((setting) => effective(setting, { given, environment, file })),
    warnings: [...ignored.map((name) => `${name} is not read beside ${path}`), ...unknownVariables(environment)],
  };
}

interface Sources {
  readonly given: Given;
  readonly environment: NodeJS.ProcessEnv;
  readonly file: FileSettings | undefined;
}

interface Said {
  readonly value: unknown;
  readonly origin: Origin;
}

async function readFile(path: string): Promise<FileSettings> {
  const { readSettings } = await import('./read-file.js');
  const found = readSettings(path);
  const [first, ...more]: readonly FileError[] = found.errors;
  if (first !== undefined) throw new ConfigurationError([first, ...more]);
  return found;
}

function effective(setting: Setting, sources: Sources): Effective {
  const said = [fromFlag(setting, sources), fromEnvironment(setting, sources), fromFile(setting, sources)].filter(
    (found) => found !== undefined,
  );
  return { setting, value: said.length === 0 ? setting.standard : said[0]?.value, origins: said.map(({ origin }) => origin) };
}

function fromFlag({ flag, kind }: Setting, { given }: Sources): Said | undefined {
  if (flag === undefined || given.sourceOf(attributeOf(flag)) !== 'cli') return undefined;
  const value = given.values[attributeOf(flag)];
  return { value: kind === API_KEYS ? parseAll(flag, value as readonly string[]) : value, origin: { kind: 'flag', name: flag } };
}

function fromEnvironment({ flag, variable, kind }: Setting, { given, environment }: Sources): Said | undefined {
  const text = environment[variable];
  if (text === undefined || text === '') return undefined;
  const origin = { kind: 'environment', name: variable } as const;
  if (flag === undefined) return { value: text, origin };
  if (kind === API_KEYS) return { value: parseAll(variable, [text]), origin };
  const attribute = attributeOf(flag);
  if (kind === SWITCH && given.sourceOf(attribute) !== 'cli') return { value: switchOf(variable, text), origin };
  // Behind a flag the variable is not read: only that it is there is known.
  return { value: given.sourceOf(attribute) === 'env' ? given.values[attribute] : undefined, origin };
}

function fromFile(setting: Setting, { file }: Sources): Said | undefined {
  const found = file?.values.get(setting);
  if (file === undefined || found === undefined) return undefined;
  return { value: found.value, origin: { kind: 'file', source: file.source, place: found.place } };
}

function switchOf(variable: string, text: string): boolean {
  const value = readSwitch(text);
  if (value === undefined) throw new UsageError(switchProblem(variable, text));
  return value;
}

function parseAll(name: string, texts: readonly string[]): readonly unknown[] {
  try {
    return texts.flatMap((text) => API_KEYS.parse(text));
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(`${name} has an entry that is no key: ${lowerFirst(error.message)}`);
    throw error;
  }
}

function lowerFirst(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;
}
