const END = Buffer.from('}}');
const [ZERO, NINE] = [0x30, 0x39];

/** How the position at the end of a delivery begins, up to its offset. */
export function positionStart(epoch: string): Buffer {
  return Buffer.from(`,"position":{"epoch":${JSON.stringify(epoch)},"offset":`);
}

/**
 * The offset at the end of a delivery whose position is of a known epoch and is written as brokers usually write it: nothing is parsed.
 * @param start what `positionStart` made of the epoch.
 * @returns -1 for anything else, which has to be decoded.
 */
export function offsetAtEnd(bytes: Buffer, place: { readonly start: number; readonly end: number }, start: Buffer): number {
  let at = place.end - END.length;
  if (at < place.start || bytes[at] !== END[0] || bytes[at + 1] !== END[1]) return -1;
  let offset = 0;
  let unit = 1;
  const behind = at;
  for (let digit = bytes[--at] as number; at > place.start && digit >= ZERO && digit <= NINE; digit = bytes[--at] as number) {
    offset += (digit - ZERO) * unit;
    unit *= 10;
  }
  const from = at + 1 - start.length;
  if (at + 1 === behind || from < place.start) return -1;
  for (let i = start.length - 1; i >= 0; i--) if (bytes[from + i] !== start[i]) return -1;
  return offset;
}
