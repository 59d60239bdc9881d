import { isObject, type Json, type JsonObject } from '../../protocol/index.js';

/** A text message that came, and whether a step has claimed it. */
export interface Arrival {
  readonly text: string;
  /** The parsed message; every message of the protocol is an object. */
  readonly message: JsonObject;
  /** Of a notification that the harness has published. */
  readonly token: string | undefined;
  isClaimed: boolean;
}

/** Tokens of fences begin so: a fence reaches everybody who wants it, and concerns the client that it is for. */
export const FENCE_TOKEN = 'fence-';

/** The member with which the harness marks each notification that it publishes. */
export const TOKEN_MEMBER = 'wsn-test';

/**
 * Reads a text message of a server.
 * @returns `undefined` when it is none of the protocol: not a JSON object, or its sender is not "server".
 */
export function readArrival(text: string): Arrival | undefined {
  const message = parse(text);
  if (!isObject(message) || message.sender !== 'server') return undefined;
  const { notification } = message;
  const token = isObject(notification) ? notification[TOKEN_MEMBER] : undefined;
  return { text, message, token: typeof token === 'string' ? token : undefined, isClaimed: false };
}

/** The payload of the message, by its name; `undefined` for one that the protocol does not know. */
export function kindOf({ message }: Arrival): string | undefined {
  return ['notification', 'hello', 'subscribed', 'receipt', 'mark', 'reset', 'error', 'authenticated'].find((name) =>
    Object.hasOwn(message, name),
  );
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
