import type { Json, JsonObject } from '../protocol/index.js';
import type { Located } from './located.js';
import { mismatch } from './mismatch.js';
import type { CheckContext, Shape } from './shape.js';

export interface ScalarRules<T> {
  /** @returns `undefined` for a value that does not fit. */
  readonly read: (value: Json, context: CheckContext) => T | undefined;
  /** What to do about a value that does not fit. */
  readonly advice?: (value: Json) => string | undefined;
  /** Replaces the whole message about such a value. */
  readonly complain?: (value: Json, context: CheckContext) => string | undefined;
  readonly schema: JsonObject;
}

/** Makes a shape of what is neither a list nor a map. */
export function scalar<T>(expected: string, rules: ScalarRules<T>): Shape<T> {
  return {
    expected,
    check(at: Located, context: CheckContext): T | undefined {
      if (at.kind !== 'scalar') return mismatch(at, context, { expected });
      const value = rules.read(at.value, context);
      if (value !== undefined) return value;
      const message = rules.complain?.(at.value, context);
      if (message !== undefined) return void context.complain({ message, place: at.place });
      const advice = rules.advice?.(at.value);
      return mismatch(at, context, advice === undefined ? { expected } : { expected, advice });
    },
    schema: () => rules.schema,
  };
}
