import { isObject, type Json } from './filter.js';

/**
 * The names in a JSON pointer (RFC 6901), from the whole inwards; none of the empty one, which is the whole.
 * `~1` counts before `~0`, so that `~01` is `~1`.
 */
export function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A name as a part of a JSON pointer. */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The element of a list that a part of a pointer names: an index in decimal digits without leading zeros, or none. */
export function elementAt<T>(list: readonly T[], part: string): T | undefined {
  return /^(?:0|[1-9]\d*)$/.test(part) ? list[Number(part)] : undefined;
}

/** What a JSON pointer leads to; undefined where there is nothing. */
export function valueAt(whole: Json, pointer: string): Json | undefined {
  let at: Json | undefined = whole;
  for (const part of pointerParts(pointer)) {
    if (Array.isArray(at)) at = elementAt<Json>(at, part);
    else at = isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}
