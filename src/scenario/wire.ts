/** What went over a client's line, or happened to it, for people: the harness keeps the last events of each client. */
export interface WireEvent {
  /** Since the start of the case, in ms with fractions. */
  readonly atMs: number;
  /** `sent` by the client, `received` from the server, `note` for what is no byte: connected, FIN, reset, a fault. */
  readonly direction: 'sent' | 'received' | 'note';
  /** Such as `text`, `ping`, `close 1000`, `text FIN=0`, `HTTP`, `bytes`, `connected`. */
  readonly what: string;
  /** The payload, as text where it is UTF-8, else in hex; cut, and never escaped for a terminal. */
  readonly payload: string;
  /** Bytes of the whole payload. */
  readonly bytes: number;
}

/** The events of each client by its name; the harness's own publishers and fences are under `harness`. */
export type WireLog = Readonly<Record<string, readonly WireEvent[]>>;
