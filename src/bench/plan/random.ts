/** The next number of a stream, at least 0 and below 1. */
export type Random = () => number;

const SETTLING_ROUNDS = 16;

/**
 * A stream of pseudo-random numbers (sfc32, 2^-32 apart): the same seed and purpose give the same stream. Each purpose
 * has a stream of its own, so that drawing more for one changes nothing for another.
 */
export function randomOf(seed: number, purpose: string): Random {
  const name = `${seed}/${purpose}`;
  let a = hashOf(name, 0x811c9dc5);
  let b = hashOf(name, 0x2545f491);
  let c = name.length;
  let counter = 1;
  const next = () => {
    const mixed = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + mixed) | 0;
    return (mixed >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < SETTLING_ROUNDS; round++) next();
  return next;
}

/** The numbers from 0 to `count` - 1 in an order that the stream chooses. */
export function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const value = order[chosen] as number;
    order[chosen] = order[last] as number;
    order[last] = value;
  }
  return order;
}

/** FNV-1a over the code units of `text`. */
function hashOf(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
