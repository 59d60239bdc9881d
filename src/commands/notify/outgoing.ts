/** A notification that has been checked and is to be published. */
export interface Outgoing {
  /** Its JSON text, as it was written. */
  readonly json: string;
  /** From a publisher's message that has one. */
  readonly key?: string;
  /** Where it came from, for errors: `n.ndjson:3`; nothing where there is only one. */
  readonly origin?: string;
}
