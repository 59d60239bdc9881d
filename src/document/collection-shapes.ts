import type { Located } from './located.js';
import { mismatch } from './mismatch.js';
import type { CheckContext, Shape } from './shape.js';
import { orVariable, schemaOfPart } from './variable-schema.js';

/** A list, each item of the same shape, of at least and at most so many items. */
export function listOf<T>(
  about: string,
  item: Shape<T>,
  bounds: { readonly least: number; readonly most?: number } = { least: 0 },
): Shape<readonly T[]> {
  const { least, most = Number.POSITIVE_INFINITY } = bounds;
  return {
    expected: 'a list',
    check(at: Located, context: CheckContext): readonly T[] | undefined {
      if (at.kind !== 'list') return mismatch(at, context, { expected: 'a list' });
      if (at.items.length < least) return mismatch(at, context, { expected: `a list of ${least === most ? '' : 'at least '}${least}` });
      if (at.items.length > most) return mismatch(at, context, { expected: `a list of ${least === most ? '' : 'at most '}${most}` });
      const items = at.items.map((one) => item.check(one, context));
      return items.every((one) => one !== undefined) ? items : undefined;
    },
    schema: () =>
      orVariable(about, {
        type: 'array',
        items: schemaOfPart(item),
        ...(least > 0 ? { minItems: least } : {}),
        ...(bounds.most === undefined ? {} : { maxItems: bounds.most }),
      }),
  };
}

/** A map of any names, each value of the same shape. */
export function mapOf<T>(about: string, value: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    expected: 'a map',
    check(at: Located, context: CheckContext): Readonly<Record<string, T>> | undefined {
      if (at.kind !== 'map') return mismatch(at, context, { expected: 'a map' });
      const entries: [string, T][] = [];
      for (const entry of at.entries) {
        const checked = value.check(entry.value, context);
        if (checked !== undefined) entries.push([entry.key, checked]);
      }
      return entries.length === at.entries.length ? Object.fromEntries(entries) : undefined;
    },
    schema: () => orVariable(about, { type: 'object', additionalProperties: schemaOfPart(value) }),
  };
}
