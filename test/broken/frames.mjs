import { broken } from './mistakes/index.mjs';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** An error of RFC 6455 or of a size: the close code and the reason. */
export class Violation extends Error {
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

/** A whole frame from the server to a peer. */
export function encodeFrame(opcode, payload) {
  const data = opcode === opcodes.text && broken('frame-binary');
  const first = (data ? opcodes.binary : opcode) | (opcode === opcodes.text && broken('frame-not-final') ? 0 : 0x80);
  const length = lengthBytes(payload, opcode);
  const head = Buffer.concat([Buffer.from([first | (opcode === opcodes.text && broken('frame-rsv1') ? 0x40 : 0)]), length]);
  if (!broken('frame-masked')) return Buffer.concat([head, payload]);
  head[1] |= 0x80;
  const mask = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, mask, unmask(payload, mask)]);
}

function lengthBytes(payload, opcode) {
  let size = payload.length;
  if (broken('frame-length-characters') && opcode === opcodes.text) size = payload.toString().length;
  if (size <= shortest() && !(broken('frame-125-long') && size === 125)) return Buffer.from([size]);
  const fits16 = broken('frame-65536-short') ? 65_536 : broken('frame-65535-long') ? 65_534 : 65_535;
  if (size <= fits16) {
    const bytes = Buffer.from([126, 0, 0]);
    bytes.writeUInt16BE(size & 0xffff, 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9, 0);
  bytes[0] = 127;
  bytes.writeUInt32BE(size, broken('frame-64-bit-halves') ? 1 : 5);
  return bytes;
}

function shortest() {
  if (broken('frame-always-16-bit')) return -1;
  if (broken('frame-127-short')) return 127;
  return broken('frame-126-short') ? 126 : 125;
}

/**
 * The first frame of what was received: { final, opcode, payload, size }, or undefined when it is not complete.
 * Throws a Violation as soon as the head tells one; `room` is how many bytes a data frame may have.
 */
export function decodeFrame(bytes, room) {
  if (bytes.length < 2) return undefined;
  const final = (bytes[0] & 0x80) !== 0;
  const opcode = bytes[0] & 0x0f;
  const control = opcode >= 8;
  checkBits(bytes[0]);
  checkOpcode(opcode);
  const short = bytes[1] & 0x7f;
  if (control && !final && !broken('accept-fragmented-control')) throw new Violation(1002, 'a control frame came in fragments');
  if (control && short > 125 && !broken('accept-long-control')) throw new Violation(1002, 'a control frame is longer than 125 bytes');
  if ((bytes[1] & 0x80) === 0 && !broken('accept-unmasked')) throw new Violation(1002, 'a frame came without a mask');
  const length = readLength(bytes, short);
  if (length === undefined) return undefined;
  if (!control && length.size > room) throw new Violation(1009, 'at most 1 MiB is read');
  return readPayload(bytes, { final, opcode, ...length });
}

function checkBits(first) {
  if ((first & 0x40) !== 0 && !broken('accept-rsv1')) throw new Violation(1002, 'RSV1 is set, no extension was agreed');
  if ((first & 0x30) !== 0 && !broken('accept-rsv')) throw new Violation(1002, 'RSV2 or RSV3 is set, no extension was agreed');
}

function checkOpcode(opcode) {
  if (opcode >= 3 && opcode <= 7 && !broken('accept-reserved-data')) throw new Violation(1002, `opcode ${opcode} is reserved`);
  if (opcode >= 11 && !broken('accept-reserved-control')) throw new Violation(1002, `opcode ${opcode} is reserved`);
}

function readLength(bytes, short) {
  if (short < 126) return { size: short, at: 2 };
  if (short === 126) {
    if (bytes.length < 4) return undefined;
    return { size: broken('read-126') ? bytes.readUInt16LE(2) : bytes.readUInt16BE(2), at: 4 };
  }
  if (bytes.length < 10) return undefined;
  if (broken('read-127')) return { size: bytes.readUInt16BE(8), at: 10 };
  if ((bytes[2] & 0x80) !== 0) throw new Violation(1002, 'the highest bit of a length is set');
  return { size: bytes.readUInt32BE(2) * 2 ** 32 + bytes.readUInt32BE(6), at: 10 };
}

function readPayload(bytes, { final, opcode, size, at }) {
  const masked = (bytes[1] & 0x80) !== 0;
  const start = masked ? at + 4 : at;
  if (bytes.length < start + size) return undefined;
  const mask = bytes.subarray(at, start);
  if (broken('read-zero-mask') && masked && mask.readUInt32BE() === 0) throw new Violation(1002, 'a frame came without a mask');
  const payload = bytes.subarray(start, start + size);
  return { final, opcode, payload: masked ? unmask(payload, mask) : Buffer.from(payload), size: start + size };
}

function unmask(payload, mask) {
  const plain = Buffer.from(payload);
  for (let i = 0; i < plain.length; i++) plain[i] ^= mask[i & 3];
  return plain;
}
