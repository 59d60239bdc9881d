import type { BrokerMessage, Position } from '../protocol/index.js';

/** A whole unmasked WebSocket text frame (RFC 6455 section 5.2), ready for any number of sockets. */
export type Frame = Buffer;

const DELIVERY_HEAD = Buffer.from('{"sender":"server","notification":');
const DELIVERY_TAIL = Buffer.from('}');

/**
 * The frame of a delivery.
 * @param payload the notification's bytes as they were published.
 * @param position given for `wsn.v1`, left out for the base protocol.
 */
export function encodeDelivery(payload: Uint8Array, position?: Position): Frame {
  const tail = position ? Buffer.from(`,"position":${JSON.stringify(position)}}`) : DELIVERY_TAIL;
  const length = DELIVERY_HEAD.length + payload.length + tail.length;
  const head = headLength(length);
  const frame = Buffer.allocUnsafe(head + length);
  writeHead(frame, length);
  frame.set(DELIVERY_HEAD, head);
  frame.set(payload, head + DELIVERY_HEAD.length);
  frame.set(tail, frame.length - tail.length);
  return frame;
}

/** The frame of any other message; what the broker says is typed, so it is not validated again. */
export function encodeMessage(message: Exclude<BrokerMessage, { kind: 'notification' }>): Frame {
  const id = 'id' in message && message.id !== undefined ? `"id":${JSON.stringify(message.id)},` : '';
  const text = `{"sender":"server",${id}${payloadOf(message)}}`;
  const length = Buffer.byteLength(text);
  const head = headLength(length);
  const frame = Buffer.allocUnsafe(head + length);
  writeHead(frame, length);
  frame.write(text, head);
  return frame;
}

/** The member that makes the message what it is. */
function payloadOf(message: Exclude<BrokerMessage, { kind: 'notification' }>): string {
  switch (message.kind) {
    case 'hello':
      return `"hello":${JSON.stringify(message.hello)}`;
    case 'subscribed':
      return `"subscribed":{"topics":${JSON.stringify(message.topics)}}`;
    case 'receipt':
      return `"receipt":${JSON.stringify(message.receipt)}`;
    case 'error':
      return `"error":${JSON.stringify(message.error)}`;
    case 'mark':
      return `"mark":${JSON.stringify(message.topics)}`;
    case 'reset':
      return `"reset":${JSON.stringify(message.topics)}`;
    case 'authenticated':
      return `"authenticated":${JSON.stringify(message.expiresAt === undefined ? {} : { expiresAt: message.expiresAt })}`;
  }
}

function headLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Writes FIN, the text opcode and the length in its shortest form, as RFC 6455 section 5.2 asks. */
function writeHead(frame: Buffer, length: number): void {
  frame[0] = 0x81;
  if (length < 126) frame[1] = length;
  else if (length < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length >>> 0, 6);
  }
}
