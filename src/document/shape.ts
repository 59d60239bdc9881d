import type { JsonObject } from '../protocol/index.js';
import type { Located } from './located.js';

/** What is wrong with a value of the file; collected, so that one look at a file finds all of it. */
export interface Complaint {
  readonly message: string;
  readonly place: Located['place'];
}

/** Where a shape is checked, and whom to tell what is wrong. */
export interface CheckContext {
  /** Names that the file gives to things and uses elsewhere, as a scenario does with its clients. */
  readonly names?: ReadonlySet<string>;
  complain(complaint: Complaint): void;
}

/** What a value of the file looks like: one definition for the check, the published JSON Schema and the type. */
export interface Shape<T> {
  /** Says in a word or two what is expected, for messages: `a client's name`. */
  readonly expected: string;
  /** @returns the value, or `undefined` after a complaint. */
  check(at: Located, context: CheckContext): T | undefined;
  /** As JSON Schema, draft 2020-12. */
  schema(): JsonObject;
}

/** A member that may be left out. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}

export type Infer<S> = S extends Shape<infer T> ? T : never;
