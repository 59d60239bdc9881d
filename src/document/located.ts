import { elementAt, type Json, pointerParts } from '../protocol/index.js';
import type { Place } from './place.js';

/** A value of a YAML file with the place at which it stands; substitution makes new ones that keep the places. */
export type Located =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly Located[]; readonly place: Place }
  | { readonly kind: 'map'; readonly entries: readonly LocatedEntry[]; readonly place: Place };

export interface LocatedEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: Located;
}

/** The plain value. Of a key that stands twice YAML has already complained. */
export function plainValue(located: Located): Json {
  if (located.kind === 'scalar') return located.value;
  if (located.kind === 'list') return located.items.map(plainValue);
  const result: Record<string, Json> = {};
  for (const { key, value } of located.entries) {
    Object.defineProperty(result, key, { value: plainValue(value), enumerable: true, configurable: true, writable: true });
  }
  return result;
}

/** The value of a member, or `undefined` where there is none, or no map. */
export function memberOf(at: Located | undefined, name: string): Located | undefined {
  return at?.kind === 'map' ? at.entries.find(({ key }) => key === name)?.value : undefined;
}

/** Where a JSON pointer leads. */
interface Found {
  /** Whether all of the way is there. */
  readonly isThere: boolean;
  /** The value, or the last that is there of the way to it. */
  readonly at: Located;
  /** Where its name stands; an element of a list and the whole have none but themselves. */
  readonly namePlace: Place;
}

/** Follows a JSON pointer (RFC 6901) as far as it goes. */
export function locatedAt(root: Located, pointer: string): Found {
  let found: Found = { isThere: true, at: root, namePlace: root.place };
  for (const part of pointerParts(pointer)) {
    const { at } = found;
    const entry = at.kind === 'map' ? at.entries.find(({ key }) => key === part) : undefined;
    const next = at.kind === 'list' ? elementAt(at.items, part) : entry?.value;
    if (next === undefined) return { ...found, isThere: false };
    found = { isThere: true, at: next, namePlace: entry?.keyPlace ?? next.place };
  }
  return found;
}
