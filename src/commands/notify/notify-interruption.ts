import { endedBy } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';

/** How far a publishing was. */
interface Progress {
  /** How many were certainly published. */
  readonly done: number;
  /** How many may have been, these included. */
  readonly sent: number;
  /** How many there are. */
  readonly all: number;
  /** The name of the first that is not certain. */
  readonly first: string;
}

/** A signal ended the publishing before all was published. */
export class Interruption extends CommandFailure {
  override readonly name = 'Interruption';

  constructor(signal: NodeJS.Signals) {
    super('interrupted; the notification may or may not have been published', endedBy(signal));
  }

  /** Says how far it was. */
  after({ done, sent, all, first }: Progress): CommandFailure {
    if (all === 1) return sent > 0 ? this : new CommandFailure('interrupted; the notification was not published', this.exitCode);
    const unknown = sent > done ? `, up to ${sent - done} more may have been, from ${first} on` : '';
    return new CommandFailure(`interrupted: ${done} of ${all} published${unknown}`, this.exitCode);
  }
}
