import { InvalidArgumentError } from 'commander';

/**
 * Makes a parser of whole numbers for a commander option.
 * @returns a function that returns the number and throws InvalidArgumentError with the bounds.
 */
export function integerBetween(min: number, max: number = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    const number = /^[+-]?\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    const bounds = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number ${bounds}.`);
  };
}
