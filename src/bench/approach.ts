/** How the broker is approached, beside where it is: who comes, and whom it trusts. It is in no result, since it holds secrets. */
export interface Approach {
  /** Sent with every handshake and request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `wss:`; what Node trusts by default. */
  readonly tls?: ApproachTls | undefined;
}

/** Whom a run trusts; plain values, which can be handed to a thread. */
export interface ApproachTls {
  /** Authorities that are trusted instead of those that Node brings, as PEM. */
  readonly ca?: string | undefined;
  /** Whether anybody is trusted. */
  readonly insecure?: boolean | undefined;
  /** The certificate of the generator, for a broker that asks for one, and its key, as PEM. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** How the two kinds of peers approach the broker: a key is the publishers' alone. */
export interface Approaches {
  readonly subscribers?: Approach['headers'];
  readonly publishers?: Approach['headers'];
  readonly tls?: Approach['tls'];
}

/** The certificates among it, as `node:tls` takes them: what is not there is left out. */
export function certificatesOf({ ca, cert, key }: ApproachTls): { ca?: string; cert?: string; key?: string } {
  return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}
