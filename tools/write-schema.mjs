// Writes scenarios/scenario.schema.json from the shapes of the steps: `npm run write:schema`, after a build. A test fails while it is stale.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { scenarioSchema } from '../dist/src/scenario/file/schema.js';
import { STEPS } from '../dist/src/scenario/steps/index.js';

const file = new URL('../scenarios/scenario.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(scenarioSchema(STEPS), null, 2)}\n`);
process.stderr.write(`wrote scenarios/scenario.schema.json: ${STEPS.length} steps\n`);
