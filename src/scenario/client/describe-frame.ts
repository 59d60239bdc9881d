import { type Frame, OPCODE } from '../../peer/index.js';

/** A frame in a word or two, such as `text`, `ping`, `close 1000`, `text FIN=0`. */
export function describeFrame(frame: Pick<Frame, 'fin' | 'rsv' | 'opcode' | 'payload'>): string {
  const name = Object.entries(OPCODE).find(([, opcode]) => opcode === frame.opcode)?.[0] ?? `opcode ${frame.opcode}`;
  const code = frame.opcode === OPCODE.close && frame.payload.length > 1 ? ` ${frame.payload.readUInt16BE(0)}` : '';
  return `${name}${code}${frame.fin ? '' : ' FIN=0'}${frame.rsv === 0 ? '' : ` RSV=${frame.rsv}`}`;
}
