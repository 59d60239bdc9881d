import { BOUNDS } from '../../server/resolve-options.js';
import type { Setting } from './setting.js';

/** Least and most of a number, both allowed, in the unit of its option. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** The bounds that the broker has for a setting; `undefined` for what is no number. */
export function boundsOf({ name }: Setting): Bounds | undefined {
  if (!(name in BOUNDS)) return undefined;
  const [least, most] = BOUNDS[name as keyof typeof BOUNDS];
  return { least, most };
}
