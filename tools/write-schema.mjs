// Writes the JSON Schemas of files that people write or keep, from the shapes that check them, and the table of settings in
// docs/configuration.md: `npm run write:schema`, after a build. A test of each fails while it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { loadSchema } from '../dist/src/bench/profile/load-schema.js';
import { resultSchema } from '../dist/src/bench/result/result-schema.js';
import { fileSchema } from '../dist/src/commands/settings/file-shape.js';
import { settingsTable } from '../dist/src/commands/settings/settings-table.js';
import { WORDS } from '../dist/src/commands/test/words.js';
import { scenarioSchema } from '../dist/src/scenario/file/schema.js';

const schemas = {
  'scenarios/scenario.schema.json': scenarioSchema(WORDS),
  'scenarios/load.schema.json': loadSchema(),
  'docs/bench-result.schema.json': resultSchema(),
  'docs/wsn.schema.json': fileSchema(),
};

for (const [file, schema] of Object.entries(schemas)) {
  writeFileSync(new URL(`../${file}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
  process.stderr.write(`wrote ${file}\n`);
}

const page = new URL('../docs/configuration.md', import.meta.url);
const marked = /(?<=<!-- settings:.*-->\n)[\s\S]*(?=<!-- \/settings -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(marked, () => `\n${settingsTable()}\n\n`),
);
process.stderr.write('wrote docs/configuration.md\n');
