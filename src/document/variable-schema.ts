import { isObject, isScalar, type Json, type JsonObject } from '../protocol/index.js';
import type { Shape } from './shape.js';

const VARIABLE: JsonObject = { $ref: '#/$defs/variable' };

/** Also allows a variable: an editor sees the file before substitution, which may put a value of any type for it. */
export function orVariable(about: string, schema: JsonObject): JsonObject {
  return { description: about, anyOf: [schema, VARIABLE] };
}

/** The schema of a part of something: there a record may be a variable, too. A whole file or the arguments of a step may not. */
export function schemaOfPart(shape: Shape<unknown>): JsonObject {
  const schema = shape.schema();
  return schema.type === 'object' ? { anyOf: [schema, VARIABLE] } : schema;
}

/** The same schema for a file that has no variables: without what `orVariable` and `schemaOfPart` add. */
export function withoutVariables(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  const known = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, mapSchemas(value)]));
  if (!Array.isArray(anyOf)) return known;
  const kinds = anyOf.filter((kind) => !isVariable(kind)).map(mapSchemas);
  const [only] = kinds;
  if (kinds.length === anyOf.length || kinds.length > 1) return { ...known, anyOf: kinds };
  return isObject(only) ? { ...only, ...known } : known;
}

function mapSchemas(value: Json): Json {
  if (isScalar(value)) return value;
  return isObject(value) ? withoutVariables(value) : value.map(mapSchemas);
}

function isVariable(schema: Json): boolean {
  return !isScalar(schema) && isObject(schema) && schema.$ref === VARIABLE.$ref;
}
