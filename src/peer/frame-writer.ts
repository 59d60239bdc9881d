import { randomBytes } from 'node:crypto';

/** Opcodes of RFC 6455 section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Any frame, right or wrong: nothing is refused, so that tests can send what the RFC forbids. */
export interface FrameSpec {
  /** 0 to 15; see `OPCODE`. */
  readonly opcode: number;
  /** Empty by default; a string is sent as UTF-8. */
  readonly payload?: Uint8Array | string;
  /** Whether this is the last frame of its message; `true` by default. */
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7; 4 is RSV1. */
  readonly rsv?: number;
  /** `true` (the default) masks with random bytes as a client must, `false` does not mask, four bytes are the key. */
  readonly mask?: boolean | Uint8Array;
  /** Bits of the length field; by default the fewest that hold the length (the RFC demands them). */
  readonly lengthForm?: 7 | 16 | 64;
}

/**
 * Writes one frame (RFC 6455 section 5.2).
 * @throws RangeError when the payload is too long for the `lengthForm` that was asked for.
 */
export function writeFrame(spec: FrameSpec): Buffer {
  const payload = typeof spec.payload === 'string' ? Buffer.from(spec.payload) : (spec.payload ?? Buffer.alloc(0));
  const key = maskKey(spec.mask ?? true);
  const length = lengthField(payload.length, spec.lengthForm);
  const head = 1 + length.length + (key?.length ?? 0);
  const frame = Buffer.allocUnsafe(head + payload.length);
  frame[0] = ((spec.fin ?? true) ? 0x80 : 0) | (((spec.rsv ?? 0) & 7) << 4) | (spec.opcode & 15);
  frame.set(length, 1);
  frame.set(payload, head);
  if (key) {
    frame[1] = (frame[1] as number) | 0x80;
    frame.set(key, 1 + length.length);
    applyMask(frame.subarray(head), key);
  }
  return frame;
}

/** Masks or unmasks in place: the operation is its own inverse (RFC 6455 section 5.3). */
export function applyMask(payload: Uint8Array, key: Uint8Array): void {
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number);
}

/** The payload of a close frame: empty without a code, else two bytes of code and the reason (RFC 6455 section 5.5.1). */
export function closePayload(code?: number, reason = ''): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}

function maskKey(mask: boolean | Uint8Array): Uint8Array | undefined {
  if (mask === true) return randomBytes(4);
  return mask === false ? undefined : mask;
}

function lengthField(length: number, form: 7 | 16 | 64 = length < 126 ? 7 : length < 65_536 ? 16 : 64): Buffer {
  if (form === 7) {
    if (length > 125) throw new RangeError(`a payload of ${length} bytes does not fit a length of 7 bits, which ends at 125`);
    return Buffer.from([length]);
  }
  const field = Buffer.alloc(form === 16 ? 3 : 9);
  field[0] = form === 16 ? 126 : 127;
  if (form === 16) field.writeUInt16BE(length, 1);
  else field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}
