import type { JsonObject } from '../../protocol/index.js';
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
