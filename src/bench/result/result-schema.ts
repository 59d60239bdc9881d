import { withoutVariables } from '../../document/index.js';
import type { JsonObject } from '../../protocol/index.js';
import { findMaxShape, RESULT_REF, resultShape } from './result-shape.js';

/** The JSON Schema (draft 2020-12) of what `wsn bench --json` prints: a result or, with `--find-max`, that of a search. */
export function resultSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A result of wsn bench',
    anyOf: [RESULT_REF, { $ref: '#/$defs/findMax' }],
    $defs: { result: withoutVariables(resultShape.schema()), findMax: withoutVariables(findMaxShape.schema()) },
  };
}
