import { escapePointer, isObject, type Json, type JsonObject } from '../../protocol/index.js';

/** What the value of a keyword holds: one schema, a list or a map of schemas, or none. */
type Holds = 'one' | 'list' | 'map' | 'none';

const NAMES: Readonly<Record<Holds, string>> = {
  one: 'items contains additionalProperties propertyNames if then else not unevaluatedItems unevaluatedProperties contentSchema',
  list: 'prefixItems allOf anyOf oneOf',
  map: '$defs definitions properties patternProperties dependentSchemas',
  none:
    '$schema $id $ref $anchor $dynamicRef $dynamicAnchor $comment type const enum multipleOf maximum exclusiveMaximum minimum ' +
    'exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains minContains maxProperties minProperties ' +
    'required dependentRequired title description default deprecated readOnly writeOnly examples format contentEncoding contentMediaType',
};

/** The keywords of JSON Schema 2020-12. */
export const KEYWORDS: ReadonlyMap<string, Holds> = new Map(
  (['one', 'list', 'map', 'none'] as const).flatMap((holds) => NAMES[holds].split(' ').map((name): [string, Holds] => [name, holds])),
);

/**
 * Calls `visit` for a schema and all that are in it, the outer ones first; not for `true` and `false`, nor for what stands
 * where a schema should and is none.
 * @param pointer JSON pointer of `schema`.
 */
export function walkSchema(schema: Json, visit: (schema: JsonObject, pointer: string) => void, pointer = ''): void {
  if (!isObject(schema)) return;
  visit(schema, pointer);
  for (const [keyword, value] of Object.entries(schema)) {
    const holds = KEYWORDS.get(keyword);
    const at = `${pointer}/${escapePointer(keyword)}`;
    if (holds === 'one') walkSchema(value, visit, at);
    else if (holds === 'list' && Array.isArray(value)) {
      for (const [index, part] of value.entries()) walkSchema(part as Json, visit, `${at}/${index}`);
    } else if (holds === 'map' && isObject(value)) {
      for (const [name, part] of Object.entries(value)) walkSchema(part, visit, `${at}/${escapePointer(name)}`);
    }
  }
}
