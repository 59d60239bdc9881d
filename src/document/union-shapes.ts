import type { JsonObject } from '../protocol/index.js';
import type { Located } from './located.js';
import { mismatch } from './mismatch.js';
import type { CheckContext, Infer, Shape } from './shape.js';

/** What a value may be by the kind of what is written there. */
export interface Kinds {
  readonly scalar?: Shape<unknown>;
  readonly list?: Shape<unknown>;
  readonly map?: Shape<unknown>;
}

/** One shape for a scalar, another for a list, another for a map: complaints are those of the kind that is written there. */
export function either<const K extends Kinds>(about: string, kinds: K): Shape<Infer<K[keyof K]>> {
  const shapes = [kinds.scalar, kinds.list, kinds.map].filter((shape) => shape !== undefined);
  const expected = shapes.map((shape) => shape.expected).join(' or ');
  return {
    expected,
    check(at: Located, context: CheckContext): Infer<K[keyof K]> | undefined {
      const shape = kinds[at.kind];
      // That the kind's shape checks to one of the inferred types is by construction; the index type cannot say so.
      if (shape !== undefined) return shape.check(at, context) as Infer<K[keyof K]> | undefined;
      return mismatch(at, context, { expected });
    },
    schema: () => ({ description: about, anyOf: shapes.map((shape) => shape.schema()) }),
  };
}

/** The same in the file, and something else for the program: each value that fits is converted. */
export function converted<T, U>(shape: Shape<T>, convert: (value: T) => U): Shape<U> {
  return {
    expected: shape.expected,
    check(at, context) {
      const value = shape.check(at, context);
      return value === undefined ? undefined : convert(value);
    },
    schema: () => shape.schema(),
  };
}

/** The same, or `null`. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  const expected = `${shape.expected} or null`;
  return {
    expected,
    check: (at, context) => (at.kind === 'scalar' && at.value === null ? null : shape.check(at, context)),
    schema: (): JsonObject => ({ anyOf: [shape.schema(), { type: 'null' }] }),
  };
}
