/** How many entries a part holds on average before one of them is split. */
const PART_ENTRIES = 700;

/** Different in every process, so that nobody can choose keys that all fall into one part. */
const SEED = (Math.random() * 2 ** 32) | 0;

/**
 * A map for millions of keys. One `Map` doubles by copying all that it holds, which stops everything for as long and
 * takes thrice the memory meanwhile, and it ends at 16.7 million. This one is many small ones, of which one is split
 * whenever they have become too full on average (linear hashing): no insertion ever moves more than a thousand entries.
 */
export class WideMap<V> {
  readonly #parts: Map<string | null, V>[] = [new Map()];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string | null): V | undefined {
    return this.#partOf(key).get(key);
  }

  set(key: string | null, value: V): void {
    const part = this.#partOf(key);
    const before = part.size;
    part.set(key, value);
    if (part.size === before) return;
    this.#size++;
    if (this.#size > PART_ENTRIES * this.#parts.length) this.#split();
  }

  delete(key: string | null): void {
    if (this.#partOf(key).delete(key)) this.#size--;
  }

  *values(): Generator<V> {
    for (const part of this.#parts) yield* part.values();
  }

  #partOf(key: string | null): Map<string | null, V> {
    const { length } = this.#parts;
    return this.#parts[length === 1 ? 0 : placeOf(key, length)] as Map<string | null, V>;
  }

  /** The oldest part that has not been split since their number doubled gives up half of its keys to a new one. */
  #split(): void {
    const { length } = this.#parts;
    const old = this.#parts[length - powerBelow(length)] as Map<string | null, V>;
    const young = new Map<string | null, V>();
    for (const [key, value] of old) {
      if (placeOf(key, length + 1) !== length) continue;
      young.set(key, value);
      old.delete(key);
    }
    this.#parts.push(young);
  }
}

/** In which of `parts` a key stands: the low bits of its hash, one bit less for parts that are not there yet. */
function placeOf(key: string | null, parts: number): number {
  const hash = hashOf(key);
  const power = powerBelow(parts);
  const place = hash & (2 * power - 1);
  return place < parts ? place : place - power;
}

/** The greatest power of two that is not greater. */
function powerBelow(count: number): number {
  return 1 << (31 - Math.clz32(count));
}

/** FNV-1a, with its high bits mixed into the low ones, which alone are looked at. */
function hashOf(key: string | null): number {
  if (key === null) return SEED;
  let hash = SEED;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}
