import type { Mishap } from '../result/result.js';

/** What a publisher has done until now; what belongs to the hold is counted apart. */
export interface PublisherAccount {
  readonly sent: number;
  readonly sentInHold: number;
  readonly lateInHold: number;
  /** Of these, how many the generator itself was late with; the others waited for a connection that the broker kept busy. */
  readonly overdueInHold: number;
  /** From the start of the load, in ms; 0 before the first. */
  readonly firstInHoldMs: number;
  readonly lastInHoldMs: number;
  readonly refused: Mishap;
  readonly unknown: Mishap;
  readonly unanswered: number;
  /** Could not be sent, and were not answered, because the run itself restarted the broker. */
  readonly unsentInHold: number;
  readonly cutOffInHold: number;
}
