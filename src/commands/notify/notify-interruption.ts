import { endedBy } from '../exit/exit-codes.js';
import { CommandFailure } from '../exit/usage-error.js';

/** A signal ended the publishing before all was published. */
export class Interruption extends CommandFailure {
  override readonly name = 'Interruption';

  constructor(signal: NodeJS.Signals) {
    super('interrupted; the notification may or may not have been published', endedBy(signal));
  }

  /**
   * Says how far it was.
   * @param done how many were certainly published.
   * @param sent how many were begun.
   * @param all how many there are.
   */
  after(done: number, sent: number, all: number): CommandFailure {
    if (all === 1) return this;
    const unknown = sent > done ? `, up to ${sent - done} more may have been` : '';
    return new CommandFailure(`interrupted: ${done} of ${all} published${unknown}`, this.exitCode);
  }
}
