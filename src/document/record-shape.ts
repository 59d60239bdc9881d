import type { JsonObject } from '../protocol/index.js';
import type { Located, LocatedEntry } from './located.js';
import { mismatch, quote } from './mismatch.js';
import type { CheckContext, Optional, Shape } from './shape.js';
import { suggest } from './suggestion.js';
import { schemaOfPart } from './variable-schema.js';

type Members = Readonly<Record<string, Shape<unknown> | Optional<unknown>>>;

type Value<M> = M extends Optional<infer T> ? T : M extends Shape<infer T> ? T : never;

type OptionalKeys<M> = { [K in keyof M]: M[K] extends Optional<unknown> ? K : never }[keyof M];

type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The type of a record: a member that may be left out is an optional one. */
export type RecordOf<M> = Flat<{ [K in Exclude<keyof M, OptionalKeys<M>>]: Value<M[K]> } & { [K in OptionalKeys<M>]?: Value<M[K]> }>;

/** Which members go together: each is a list of groups of names. */
export interface MemberRules<N extends string> {
  readonly exactlyOne?: readonly (readonly N[])[];
  readonly atMostOne?: readonly (readonly N[])[];
  readonly atLeastOne?: readonly (readonly N[])[];
  /** Members that mean something only beside one of others. */
  readonly onlyWith?: { readonly [name in N]?: readonly N[] };
}

/** A member of a record that may be left out. */
export function optional<T>(shape: Shape<T>): Optional<T> {
  return { optional: shape };
}

/** A map of known members. */
export function record<const M extends Members>(about: string, members: M, rules: MemberRules<keyof M & string> = {}): Shape<RecordOf<M>> {
  const shapes = new Map(Object.entries(members).map(([name, member]) => [name, shapeOf(member)]));
  const required = Object.keys(members).filter((name) => !isOptional(members[name]));
  return {
    expected: 'a map',
    check(at: Located, context: CheckContext): RecordOf<M> | undefined {
      if (at.kind !== 'map')
        return mismatch(at, context, { expected: 'a map', advice: `its members are ${[...shapes.keys()].join(', ')}` });
      let isFine = true;
      const checked: Record<string, unknown> = {};
      const doubt = (complaint: Parameters<CheckContext['complain']>[0]): void => {
        isFine = false;
        context.complain(complaint);
      };
      for (const entry of at.entries) {
        const shape = shapes.get(entry.key);
        const value = shape?.check(entry.value, context);
        checked[entry.key] = value;
        if (shape === undefined) doubt({ message: unknownMember(entry, shapes.keys()), place: entry.keyPlace });
        else if (value === undefined) isFine = false;
      }
      const given = new Set(at.entries.map(({ key }) => key));
      for (const message of [...missing(required, given), ...broken(rules, given)]) doubt({ message, place: at.place });
      // Each member has been checked by its own shape, which the type of the collected object cannot say.
      return isFine ? (checked as RecordOf<M>) : undefined;
    },
    schema: () => ({
      description: about,
      type: 'object',
      properties: Object.fromEntries([...shapes].map(([name, shape]) => [name, schemaOfPart(shape)])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
      ...rulesSchema(rules),
    }),
  };
}

function unknownMember({ key }: LocatedEntry, known: Iterable<string>): string {
  return `there is no member ${quote(key)}: ${suggest(key, known, 'members')}`;
}

function missing(required: readonly string[], given: ReadonlySet<string>): readonly string[] {
  return required.filter((name) => !given.has(name)).map((name) => `the member ${quote(name)} is missing`);
}

function broken(rules: MemberRules<string>, given: ReadonlySet<string>): readonly string[] {
  const present = (names: readonly string[]) => names.filter((name) => given.has(name));
  const tooMany = [...(rules.exactlyOne ?? []), ...(rules.atMostOne ?? [])].filter((names) => present(names).length > 1);
  const none = [...(rules.exactlyOne ?? []), ...(rules.atLeastOne ?? [])].filter((names) => present(names).length === 0);
  const alone = Object.entries<readonly string[] | undefined>(rules.onlyWith ?? {}).filter(
    ([name, others = []]) => given.has(name) && present(others).length === 0,
  );
  return [
    ...tooMany.map((names) => `found ${enumerate(present(names), 'and')}, of which only one may be given`),
    ...none.map((names) => `found none of ${enumerate(names, 'and')}, expected one of them`),
    ...alone.map(([name, others = []]) => `found ${quote(name)}, which means something only with ${enumerate(others, 'or')}`),
  ];
}

/** `"a", "b" and "c"`. */
function enumerate(names: readonly string[], word: string): string {
  const quoted = names.map(quote);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${word} ${quoted.at(-1)}`;
}

/** The groups as assertions, all of which hold at once. */
function rulesSchema(rules: MemberRules<string>): JsonObject {
  const has = (name: string): JsonObject => ({ required: [name] });
  const none = (names: readonly string[]): JsonObject => ({ not: { anyOf: names.map(has) } });
  const all: readonly JsonObject[] = [
    ...(rules.exactlyOne ?? []).map((names) => ({ oneOf: names.map(has) })),
    ...(rules.atMostOne ?? []).map((names) => ({ oneOf: [...names.map(has), none(names)] })),
    ...(rules.atLeastOne ?? []).map((names) => ({ anyOf: names.map(has) })),
    ...Object.entries<readonly string[] | undefined>(rules.onlyWith ?? {}).map(([name, others = []]) => ({
      anyOf: [none([name]), ...others.map(has)],
    })),
  ];
  return all.length === 0 ? {} : { allOf: all };
}

function isOptional(member: Members[string] | undefined): member is Optional<unknown> {
  return member !== undefined && 'optional' in member;
}

function shapeOf(member: Members[string]): Shape<unknown> {
  return isOptional(member) ? member.optional : member;
}
