import type { Trust } from '../peer/index.js';

/** The way to the broker, beside where it is: who comes, and whom it trusts. It is in no result, since it holds secrets. */
export interface Way {
  /** Sent with every handshake and request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `wss:`; what Node trusts by default. */
  readonly tls?: Trust | undefined;
}

/** The ways of the two kinds of peers: a key is the publishers' alone. */
export interface Ways {
  readonly subscribers?: Way['headers'];
  readonly publishers?: Way['headers'];
  readonly tls?: Way['tls'];
}
