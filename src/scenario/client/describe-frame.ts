import { type Frame, OPCODE } from '../../peer/index.js';

/** A frame in a word or two, such as `text`, `ping`, `close 1000`, `text FIN=0`. */
export function describeFrame(frame: Pick<Frame, 'fin' | 'rsv' | 'opcode' | 'payload'>): string {
  const code = frame.opcode === OPCODE.close && frame.payload.length > 1 ? ` ${frame.payload.readUInt16BE(0)}` : '';
  return `${opcodeName(frame.opcode)}${code}${frame.fin ? '' : ' FIN=0'}${frame.rsv === 0 ? '' : ` RSV=${frame.rsv}`}`;
}

/** Such as `text`; `opcode 11` for one that RFC 6455 does not name. */
export function opcodeName(opcode: number): string {
  return Object.entries(OPCODE).find(([, known]) => known === opcode)?.[0] ?? `opcode ${opcode}`;
}
