/** Where a client connects: the server itself, or the proxy in front of it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Set for `wss:`; `ca` are the certificates that are trusted, PEM. */
  readonly tls?: { readonly ca?: string | Buffer; readonly servername?: string };
  /** What the `Host` header says, also through a proxy. */
  readonly hostName: string;
  readonly hostPort: number;
  /** Path of the URL, where a client has none of its own. */
  readonly path: string;
  /** Added to every handshake and request. */
  readonly headers: Readonly<Record<string, string>>;
}
