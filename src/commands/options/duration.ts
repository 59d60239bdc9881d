import { InvalidArgumentError } from 'commander';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Longest delay that a timer of Node keeps (2^31 - 1 ms, about 24 days); a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

const EXAMPLES = ['500ms', '10s', '2m'] as const;

/**
 * Reads a duration such as `500ms`, `10s`, `1.5m`, `2h`, where somebody else knows the bounds.
 * @returns ms.
 * @throws InvalidArgumentError for what is no duration.
 */
export function parseDuration(value: string): number {
  const ms = read(value);
  if (Number.isSafeInteger(ms)) return ms;
  throw new InvalidArgumentError(`Expected a duration, ${examples(0)}.`);
}

/**
 * Makes a parser of durations for a commander option.
 * @param min the shortest that is accepted, in ms.
 * @returns a function that returns ms and throws InvalidArgumentError with the bounds.
 */
export function durationFrom(min = 0): (value: string) => number {
  return (value) => {
    const ms = read(value);
    if (ms >= min && ms <= LONGEST) return ms;
    throw new InvalidArgumentError(`Expected a duration from ${formatDuration(min)} to 596h, ${examples(min)}.`);
  };
}

/** The shortest way to write a duration that is read back as the same: 25000 is `25s`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    if (ms !== 0 && ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

/** Those that are allowed. */
function examples(min: number): string {
  const allowed = EXAMPLES.filter((example) => read(example) >= min);
  return `such as ${allowed.join(', ').replace(/, ([^,]*)$/, ' or $1')}`;
}

/** ms, or `NaN`. */
function read(value: string): number {
  const text = value.trim();
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (found) return Math.round(Number(found[1]) * UNITS[found[2] as keyof typeof UNITS]);
  return text === '0' ? 0 : Number.NaN;
}
