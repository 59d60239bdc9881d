/**
 * Where the broker tells what happens: one record an event, with the facts as fields. `pino` fits as it is. Records
 * hold connection ids, addresses, topics, counts and codes; never data, tokens or keys.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A log that keeps nothing. */
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What the broker has done since it started, counted where it happens. */
export interface Counters {
  /** Handshakes that became connections. */
  connections: number;
  /** Publications that were let through, on their way into the log. */
  taken: number;
  /** Notifications that came into the log. */
  published: number;
  /** Publications whose key had brought them before. */
  repeated: number;
  /** Notifications handed to outboxes, one for each receiver. */
  delivered: number;
  /** Messages that the protocol refused. */
  refused: number;
  /** Handshakes that were refused. */
  turnedAway: number;
  /** Notifications whose data did not fit the schema of their topic. */
  misfits: number;
  /** Peers destroyed because they took nothing, or too little (1013). */
  tooSlow: number;
  /** Peers destroyed because they gave no sign of life (4408). */
  silent: number;
}

export function newCounters(): Counters {
  return {
    connections: 0,
    taken: 0,
    published: 0,
    repeated: 0,
    delivered: 0,
    refused: 0,
    turnedAway: 0,
    misfits: 0,
    tooSlow: 0,
    silent: 0,
  };
}
