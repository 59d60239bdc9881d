import type { FileError } from '../../document/file-error.js';
import type { OptionError } from '../../server/option-error.js';
import { UsageError } from '../exit/usage-error.js';
import { type Configuration, type Effective, effectiveOf } from './configuration.js';
import { isSecret } from './setting.js';

/** A file with settings is wrong; the message tells the first of what is wrong in one line. */
export class ConfigurationError extends UsageError {
  readonly errors: readonly [FileError, ...FileError[]];

  constructor(errors: readonly [FileError, ...FileError[]]) {
    const [{ path, place, source, message }] = errors;
    const at = source === undefined ? path : `${path}:${place.line}:${place.column}`;
    super(`${at}: ${message}${errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`}`);
    this.errors = errors;
  }
}

/** An option that the broker does not take, told in the words of where it was set. */
export function explainOptionError(error: OptionError, configuration: Configuration): UsageError {
  const effective = error.option === 'log' ? undefined : effectiveOf(configuration, error.option);
  if (effective === undefined) return new UsageError(error.message);
  const { setting, origins } = effective;
  const [origin] = origins;
  const told = problemOf(error, (value) => String(setting.kind.format(value)));
  const problem = withNames(told, configuration, origin === undefined ? configuration.file === undefined : origin.kind !== 'file');
  if (origin?.kind === 'file') {
    const { source, place } = origin;
    return new ConfigurationError([{ path: source.path, source, place, message: `${setting.path} ${problem}` }]);
  }
  if (origin !== undefined) return new UsageError(`${origin.name} ${problem}`);
  const name = setting.flag ?? setting.variable;
  return new UsageError(`${configuration.file === undefined ? name : `${setting.path} (${name})`} ${problem}`);
}

function problemOf({ problem, range }: OptionError, format: (value: number) => string): string {
  if (range === undefined || !Number.isFinite(range.value)) return problem;
  return `is ${format(range.value)}: expected ${format(range.least)} to ${format(range.most)}`;
}

/** The broker tells of other options by the names of its own; users know them by those of the file or of the flags. */
function withNames(problem: string, configuration: Configuration, areFlags: boolean): string {
  // Not within a path or a host name, and only names of two words: the others may be words of the sentence.
  return problem.replace(/(?<![\w./-])[a-z]+[A-Z]\w*(?![\w/-]|\.\w)/g, (name) => {
    const effective = configuration.settings.find(({ setting }) => setting.name === name);
    return effective === undefined ? name : nameOf(effective, areFlags);
  });
}

/** As the user has called it, else as he would. */
function nameOf({ setting, origins: [origin] }: Effective, areFlags: boolean): string {
  if (origin !== undefined && origin.kind !== 'file') return origin.name;
  if (isSecret(setting)) return setting.variable;
  return (origin === undefined && areFlags ? setting.flag : undefined) ?? setting.path;
}
