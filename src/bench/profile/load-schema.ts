import { withoutVariables } from '../../document/index.js';
import type { JsonObject } from '../../protocol/index.js';
import { LOAD_SHAPE } from './load-shape.js';

/** The JSON Schema (draft 2020-12) of a profile file, for editors. */
export function loadSchema(): JsonObject {
  const load = withoutVariables(LOAD_SHAPE.schema());
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A load of wsn bench',
    anyOf: [{ type: 'object', required: ['load'], properties: { load: { $ref: '#/$defs/load' } } }, { $ref: '#/$defs/load' }],
    $defs: { load },
  };
}
