import { InvalidArgumentError } from 'commander';
import { parseNetworks } from '../../server/networks.js';
import { OptionError } from '../../server/option-error.js';
import { formatBytes, parseByteSize } from '../options/byte-size.js';
import { formatDuration, parseDuration } from '../options/duration.js';
import { integerBetween } from '../options/integer.js';
import type { Kind } from './kind.js';

const PLAIN = { isList: false, isPath: false, format: String } as const;

export const TEXT: Kind<string> = { ...PLAIN, placeholder: 'text', expected: 'text', written: ['string'], parse: filled };

export const URL_TEXT: Kind<string> = { ...TEXT, placeholder: 'url', expected: 'a URL' };

export const FILE: Kind<string> = { ...TEXT, placeholder: 'file', expected: 'the path of a file', isPath: true };

export const FOLDER: Kind<string> = { ...FILE, placeholder: 'folder', expected: 'the path of a folder' };

export const FILE_OR_URL: Kind<string> = { ...FILE, placeholder: 'file|url', expected: 'the path of a file, or a URL' };

/** Whole numbers, whose bounds the broker knows. */
export const INTEGER: Kind<number> = {
  ...PLAIN,
  placeholder: 'count',
  expected: 'a whole number',
  written: ['number'],
  parse: integerBetween(Number.MIN_SAFE_INTEGER),
  format: (value) => value,
};

export const PORT: Kind<number> = {
  ...INTEGER,
  placeholder: 'port',
  expected: 'a whole number from 0 to 65535',
  parse: integerBetween(0, 65_535),
};

export const SIZE: Kind<number> = {
  ...PLAIN,
  placeholder: 'size',
  expected: 'a size, such as 65536, 64KiB or 1MiB',
  written: ['string', 'number'],
  parse: parseByteSize,
  format: formatBytes,
};

export const DURATION: Kind<number> = {
  ...PLAIN,
  placeholder: 'duration',
  expected: 'a duration, such as 500ms, 10s or 2m',
  written: ['string', 'number'],
  parse: parseDuration,
  format: formatDuration,
};

/** A duration of which a bare number is seconds. */
export const SECONDS: Kind<number> = {
  ...DURATION,
  placeholder: 'seconds',
  expected: 'seconds, such as 30, or a duration such as 2m',
  parse: secondsFrom,
  format: (ms) => `${ms / 1000}s`,
};

export const SWITCH: Kind<boolean> = {
  ...PLAIN,
  placeholder: undefined,
  expected: 'true or false',
  written: ['boolean'],
  parse: (text) => text === 'true',
  format: (value) => value,
};

export const TEXTS: Kind<readonly string[]> = {
  ...PLAIN,
  placeholder: 'text',
  expected: 'text',
  written: ['string'],
  isList: true,
  parse: parts,
  format: (value) => value,
};

export const ORIGINS: Kind<readonly string[]> = { ...TEXTS, placeholder: 'origin', expected: 'an origin such as https://app.example.org' };

export const NETWORKS: Kind<readonly string[]> = {
  ...TEXTS,
  placeholder: 'cidr',
  expected: 'a network such as 10.0.0.0/8 or fd00::/8',
};

/** One of a few words. */
export function choice(placeholder: string, choices: readonly string[]): Kind<string> {
  return { ...TEXT, placeholder, choices, expected: `one of ${choices.join(', ')}`, parse: (text) => oneOf(choices, text) };
}

/** Whether the text is a network; of a list in a file each entry is looked at where it stands. */
export function isNetwork(text: string): boolean {
  try {
    parseNetworks([text]);
    return true;
  } catch (error) {
    if (error instanceof OptionError) return false;
    throw error;
  }
}

function secondsFrom(text: string): number {
  try {
    return parseDuration(/^\s*\d+(\.\d+)?\s*$/.test(text) ? `${text.trim()}s` : text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError('Expected seconds, such as 30, or a duration with its unit, such as 500ms or 2m.');
  }
}

function oneOf(choices: readonly string[], text: string): string {
  if (choices.includes(text)) return text;
  throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
}

function filled(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Expected a value, found nothing.');
}

/** Separated by commas, as in the environment; an empty one is a variable of a shell that was not set. */
export function parts(text: string): readonly string[] {
  const found = text.split(',').map((part) => part.trim());
  if (!found.includes('')) return found;
  throw new InvalidArgumentError('Expected values with commas between them, found an empty one.');
}
