/**
 * Finds for each mistake of the broken broker a scenario of its chapter that catches it, and writes caught-by.json:
 *   npm run build && node test/broken/find-catchers.mjs [NAME]...
 * With names only those are looked for. Mistakes that no scenario catches are printed, and end this with exit code 4.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { WORDS } from '../../dist/src/commands/test/words.js';
import { loadScenarios } from '../../dist/src/scenario/file/load.js';
import { runSuite } from '../../dist/src/scenario/run/run-suite.js';
import { chapters } from './mistakes/index.mjs';

const MAP = new URL('caught-by.json', import.meta.url);
const AT_A_TIME = 4;

const caughtBy = JSON.parse(readFileSync(MAP, 'utf8'));
const loaded = loadScenarios(['scenarios'], WORDS);
if (loaded.errors.length > 0) throw loaded.errors[0];

/** What its operator may set: a scenario that sets anything else proves nothing. */
const options = JSON.parse(readFileSync(new URL('options.json', import.meta.url), 'utf8'));
const cases = loaded.cases.filter(({ server }) => Object.keys(server ?? {}).every((option) => options.includes(option)));

const asked = process.argv.slice(2);
const all = Object.entries(chapters).flatMap(([chapter, mistakes]) => Object.keys(mistakes).map((name) => ({ name, chapter })));
const queue = all.filter(({ name }) => asked.length === 0 || asked.includes(name));
const missed = [];

await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await find(next);
  }),
);
const sorted = all.filter(({ name }) => caughtBy[name] !== undefined).map(({ name }) => [name, caughtBy[name]]);
writeFileSync(MAP, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
for (const { name, chapter } of missed) process.stdout.write(`no scenario of ${chapter} catches ${name}\n`);
process.exit(missed.length > 0 ? 4 : 0);

/** Looks for a scenario that fails because of the mistake: side by side with others first, then alone, as the test has it. */
async function find({ name, chapter }) {
  const own = cases.filter(({ id, level }) => level !== 'info' && id.startsWith(`${chapter}/`));
  const before = own.filter(({ scenario }) => scenario === caughtBy[name]);
  const shared = own.filter((one) => !before.includes(one) && !one.server);
  const restarting = own.filter((one) => !before.includes(one) && one.server);
  delete caughtBy[name];
  let rest = [...before, ...shared, ...restarting];
  while (rest.length > 0 && caughtBy[name] === undefined) {
    const [suspect] = await failures(name, { cases: rest, stepTimeoutMs: 2000 });
    if (suspect === undefined) break;
    const alone = rest.filter(({ scenario }) => scenario === suspect);
    if ((await failures(name, { cases: alone, stepTimeoutMs: 5000 })).length > 0) caughtBy[name] = suspect;
    rest = rest.filter(({ scenario }) => scenario !== suspect);
  }
  if (caughtBy[name] === undefined) missed.push({ name, chapter });
}

/** The scenarios that fail on the broker with the mistake; after the first one no more are begun. */
async function failures(name, options) {
  const failed = [];
  await runSuite({
    ...options,
    server: { command: `node test/broken/reference.mjs {port} {options} --break ${name}` },
    jobs: 8,
    repeat: 1,
    bail: true,
    shuffle: false,
    seed: 1,
    headers: {},
    onResult: ({ case: { scenario }, outcome }) => {
      if (outcome.kind === 'failed') failed.push(scenario);
    },
  });
  return failed;
}
