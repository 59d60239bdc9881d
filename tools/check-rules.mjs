// Keeps PROTOCOL.md, the code and the tests together: every rule has a proof, every citation has a rule.
// A proof is the title of a test that ends with the id of the rule, as in `relays the bytes (R-2.3)`, or with several:
// `(R-2.3, R-2.9)`. Exit 1 and a list when something is missing.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READ = ['bin', 'src', 'test', 'tools', 'examples', 'docs', 'scenarios'];
const HEADING = /^### (R-\d+\.\d+) \S/gm;
const CITATION = /\bR-\d+\.\d+/g;
const PROOF = /\((R-\d+\.\d+(?:, R-\d+\.\d+)*)\)['"`]/g;

/** Every file below `path`, as paths from the root. */
function filesBelow(path) {
  const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(join(ROOT, path)).flatMap((name) => filesBelow(join(path, name)));
}

function read(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The ids that titles of tests end with. A `describe` groups tests and proves nothing. */
function proofsIn(text) {
  return text
    .split('\n')
    .filter((line) => !/\bdescribe\b/.test(line))
    .flatMap((line) => [...line.matchAll(PROOF)].flatMap((match) => match[1].split(', ')));
}

/** Each id cited in `path` that is not a rule, with its place. */
function strayCitations(path, rules) {
  return read(path)
    .split('\n')
    .flatMap((line, index) => (line.match(CITATION) ?? []).filter((id) => !rules.has(id)).map((id) => `${id}  ${path}:${index + 1}`));
}

const headings = [...read('PROTOCOL.md').matchAll(HEADING)].map((match) => match[1]);
const rules = new Set(headings);
const twice = headings.filter((id, index) => headings.indexOf(id) !== index);

const documents = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
const own = relative(ROOT, fileURLToPath(import.meta.url));
const readable = [...documents, ...READ.flatMap(filesBelow)].filter((path) => path !== own && /\.(md|ts|mjs|js|php|ya?ml)$/.test(path));
const stray = readable.flatMap((path) => strayCitations(path, rules));

const tests = filesBelow('test').filter((path) => path.endsWith('.test.ts'));
const proved = new Set(tests.flatMap((path) => proofsIn(read(path))));
const unproved = headings.filter((id) => !proved.has(id));

const problems = [
  ...twice.map((id) => `${id} is headed twice in PROTOCOL.md`),
  ...stray.map((place) => `no such rule in PROTOCOL.md: ${place}`),
  ...unproved.map((id) => `no test has a title that ends with (${id})`),
];
if (rules.size === 0) problems.push('PROTOCOL.md has no heading such as "### R-2.3 Publishing"');

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${rules.size} rules, each proved; ${readable.length} files cite no other\n`);
}
