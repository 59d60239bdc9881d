import type { JsonObject } from '../../protocol/index.js';
import { scenarioShape, type Vocabulary } from './scenario-shape.js';

/** The JSON Schema (draft 2020-12) of a scenario file, for editors; it allows `${name}` where a variable of the matrix may stand. */
export function scenarioSchema(vocabulary: Vocabulary): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A scenario of wsn test',
    ...scenarioShape(vocabulary).schema(),
    $defs: {
      variable: { type: 'string', pattern: '\\$\\{', description: 'A variable of the matrix, in $ and braces' },
      step: {
        type: 'object',
        description: 'A step: its word and its arguments',
        properties: Object.fromEntries(vocabulary.steps.map(({ word, about, shape }) => [word, { ...shape.schema(), description: about }])),
        minProperties: 1,
        maxProperties: 1,
        additionalProperties: false,
      },
    },
  };
}
