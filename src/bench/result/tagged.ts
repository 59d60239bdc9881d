import { type CheckContext, type Infer, type Located, memberOf, oneOf, type Shape } from '../../document/index.js';

/** A record of one of several kinds; the member `kind` says which. Each of `kinds` is a record that has this member too. */
export function tagged<const K extends Readonly<Record<string, Shape<unknown>>>>(about: string, kinds: K): Shape<Infer<K[keyof K]>> {
  const tag = oneOf('Which kind it is', Object.keys(kinds));
  const expected = `a map whose kind is ${tag.expected}`;
  return {
    expected,
    check(at: Located, context: CheckContext): Infer<K[keyof K]> | undefined {
      const found = memberOf(at, 'kind');
      const kind = found && tag.check(found, context);
      if (kind !== undefined) return kinds[kind]?.check(at, context) as Infer<K[keyof K]> | undefined; // by construction
      if (found === undefined) context.complain({ message: `expected ${expected}`, place: at.place });
      return undefined;
    },
    schema: () => ({ description: about, anyOf: Object.values(kinds).map((shape) => shape.schema()) }),
  };
}
