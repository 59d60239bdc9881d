import type { BrokerOptions } from './options.js';

/** A number that is out of bounds, and the bounds, both allowed; in the unit of its option. */
export interface OptionRange {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** An option that cannot be taken; the message is the option and the problem. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** Its name in `BrokerOptions`. */
  readonly option: keyof BrokerOptions;
  /** What was found and what is expected: `is 5: expected a whole number from 10 to 3600000`. */
  readonly problem: string;
  /** For who shows the problem in other units; only where a number is at fault. */
  readonly range: OptionRange | undefined;

  constructor(option: keyof BrokerOptions, problem: string, range?: OptionRange) {
    super(`${option} ${problem}`);
    this.option = option;
    this.problem = problem;
    this.range = range;
  }
}
