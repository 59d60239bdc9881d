import type { Frame } from '../../peer/index.js';

/** What of a handshake is worth to be said again: never a secret, and no header that means nothing to a server of the protocol. */
export interface RecordedHandshake {
  /** Of the request line, where they are not those of a handshake. */
  readonly method: string | undefined;
  readonly version: string | undefined;
  readonly path: string;
  /** `null` for one that a handshake has, and this one had not. */
  readonly headers: Readonly<Record<string, string | null>>;
  readonly subprotocols: readonly string[];
  /** Whether a token or the like was left out. */
  readonly hasSecret: boolean;
}

/** A request over HTTP, without secrets. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly hasSecret: boolean;
}

/** An opcode and a payload that are no text message, or break RFC 6455: worth to be sent again as they were. */
export type OddFrame = Pick<Frame, 'fin' | 'rsv' | 'opcode' | 'masked' | 'payload'>;

/** What happened on a WebSocket connection. */
export type LineEvent =
  | { readonly kind: 'opening'; readonly handshake: RecordedHandshake }
  /** The answer to the handshake; the subprotocol that was selected. */
  | { readonly kind: 'opened'; readonly status: number; readonly subprotocol: string | undefined }
  /** A text message of the client. */
  | { readonly kind: 'said'; readonly text: string }
  /** Something else of the client. */
  | { readonly kind: 'odd'; readonly frame: OddFrame }
  /** A text message of the server. */
  | { readonly kind: 'heard'; readonly text: string }
  /** A close frame; 1005 where it has no code. */
  | { readonly kind: 'closing'; readonly by: 'client' | 'server'; readonly code: number; readonly reason: string }
  /** The first FIN or RST. */
  | { readonly kind: 'ended'; readonly by: 'client' | 'server' };

/** What happened to a request. */
export type RequestEvent =
  | { readonly kind: 'request'; readonly request: RecordedRequest }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string };

/** What was seen, in the order of time; `atMs` counts from the start of the recording. */
export type RecordedEvent =
  /** `line` numbers the connections, from 1. */
  | (LineEvent & { readonly atMs: number; readonly line: number })
  /** `exchange` numbers the requests, from 1. */
  | (RequestEvent & { readonly atMs: number; readonly exchange: number });
