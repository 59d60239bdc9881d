import { constants } from 'node:os';

/** What the process ends with; part of the contract with scripts and CI jobs, listed in the README. */
export const EXIT = {
  /** Done, or stopped by the user where that is the normal end. */
  ok: 0,
  /** A bug of ours, or something of the machine that no command expects; stderr has one line about it. */
  unexpected: 1,
  /** A bad option, a bad file, a message that the protocol refuses: nothing was sent. */
  usage: 2,
  /** The broker cannot be reached, or this process cannot listen. */
  unreachable: 3,
  /** What was expected is not so: refused by the broker, no match, too few subscribers. */
  failed: 4,
  /** A threshold of a load was missed. */
  threshold: 5,
  /** A load went worse than its baseline. */
  regressed: 6,
  /** The generator of a load was too slow: neither passed nor failed. */
  invalid: 7,
  /** What was expected did not come in time. */
  timeout: 8,
  /** The terminal was closed where that is not the normal end (128 + SIGHUP). */
  hungUp: 129,
  /** Interrupted where that is not the normal end (128 + SIGINT). */
  interrupted: 130,
  /** Asked to end where that is not the normal end (128 + SIGTERM). */
  terminated: 143,
} as const;

/** What a shell reports for a process that this signal ended, and what ours end with then: one of the last of `EXIT`. */
export function endedBy(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
