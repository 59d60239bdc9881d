import { EXIT } from './exit-codes.js';

/** A command that cannot do what it was asked: `message` is one sentence for the user, `exitCode` is for scripts. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure';
  readonly exitCode: number;

  /** @param exitCode one of `EXIT`, never 0. */
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line or an input file is wrong; nothing was done. Exit 2. */
export class UsageError extends CommandFailure {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}
