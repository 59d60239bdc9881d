import type { Located, Place } from '../../document/index.js';
import { isObject, isScalar, type Json } from '../../protocol/index.js';

/** A value of JSON to be checked against a shape, and where each of its parts stands: `settings.load.channels`, `because[0]`. */
export interface LocatedJson {
  readonly root: Located;
  pathOf(place: Place): string;
}

/**
 * Gives a value places that stand for paths: in a file that is one long line nobody finds a column.
 * The root's own path is empty.
 */
export function locateJson(value: Json): LocatedJson {
  const paths = new Map<Place, string>();
  const placeAt = (path: string): Place => {
    const place = { line: 1, column: 1, length: 1 };
    paths.set(place, path);
    return place;
  };
  const locate = (part: Json, path: string): Located => {
    const place = placeAt(path);
    if (isScalar(part)) return { kind: 'scalar', value: part, place };
    if (!isObject(part)) return { kind: 'list', items: part.map((item, index) => locate(item, `${path}[${index}]`)), place };
    const entries = Object.entries(part).map(([key, member]) => {
      const below = path === '' ? key : `${path}.${key}`;
      return { key, keyPlace: placeAt(below), value: locate(member, below) };
    });
    return { kind: 'map', entries, place };
  };
  return { root: locate(value, ''), pathOf: (place) => paths.get(place) ?? '' };
}
