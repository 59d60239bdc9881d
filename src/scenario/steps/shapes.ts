import { either, json, listOf, mapOf, nullable, type Shape, text } from '../../document/index.js';
import type { Json } from '../../protocol/index.js';
import { patternProblem } from '../client/pattern.js';
import { clientName } from '../file/client-name.js';

export const client = clientName('The client');

/** One client, or a list of them. */
export const clients = either('A client, or a list of clients', {
  scalar: clientName('The client'),
  list: listOf('The clients', clientName('A client')),
});

export const headers = mapOf('Headers by name', nullable(text('The value; null leaves the header out')));

/** A pattern (docs/scenarios.md, "Values"): its operators are checked when the file is. */
export function pattern(about: string): Shape<Json> {
  const any = json(`${about}: a pattern`);
  return {
    ...any,
    check(at, context) {
      const value = any.check(at, context);
      const problem = value === undefined ? undefined : patternProblem(value);
      if (problem === undefined) return value;
      context.complain({ message: problem, place: at.place });
      return undefined;
    },
  };
}

/** @returns a list in either case. */
export function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
