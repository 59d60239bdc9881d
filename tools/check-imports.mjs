// Keeps the import rules of CONTRIBUTING.md: `node tools/check-imports.mjs [root]` prints a line for each import that breaks
// one and exits 1. Types count as well: a file that knows the shape of what is above it depends on it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, resolve } from 'node:path';
import { readImports } from './read-imports.mjs';

/** Layers from the top: a file may import its own layer's folder and every folder of a lower line. */
const LAYERS = [['bin'], ['commands'], ['server', 'client', 'bench', 'scenario'], ['peer', 'document'], ['protocol']];

/** The way of a notification through `src/server`: imports point to an equal or a higher number. */
const SERVER_PATH = [
  ['index', 'server'],
  ['admit'],
  ['connection'],
  ['receive'],
  ['subscribe', 'replay'],
  ['notify'],
  ['feed'],
  ['history'],
  ['fanout'],
  ['registry'],
  ['outbox'],
];

/** Packages that only some files may import. */
const PACKAGES = [
  { names: ['commander', 'inquirer'], where: 'src/commands', allowed: inFolder('src/commands') },
  { names: ['ws'], where: 'src/server/ws-socket.ts and src/commands', allowed: inFolder('src/commands', 'src/server/ws-socket.ts') },
  {
    names: ['yaml'],
    where: 'src/document and src/scenario/record',
    allowed: inFolder('src/document', 'src/scenario/record'),
  },
  { names: ['prom-client'], where: 'src/server/admin', allowed: inFolder('src/server/admin') },
  { names: ['jose'], where: 'src/server/identity and src/commands', allowed: inFolder('src/server/identity', 'src/commands') },
  {
    names: ['ajv', 'ajv-formats'],
    where: 'src/server/schemas and src/commands',
    allowed: inFolder('src/server/schemas', 'src/commands'),
  },
  { names: ['react'], where: 'src/client/react.ts', allowed: inFolder('src/client/react.ts') },
  {
    names: ['pino', 'pino-pretty'],
    where: 'src/commands and src/server/observe.ts',
    allowed: inFolder('src/commands', 'src/server/observe.ts'),
  },
];

const root = resolve(process.argv[2] ?? '.');
const problems = [];
const ownName = readOwnName();
const modules = new Map(listModules(root).map((file) => [file, readModule(file)]));

for (const [file, imports] of modules) {
  if (layerOf(file) === undefined) report(file, 1, 'is in no layer', `layers are ${LAYERS.flat().join(', ')}: move the file into one`);
  for (const found of imports) checkImport(file, found);
  checkServerPath(file);
}
if (modules.size === 0) problems.push(`${root}: found no module in bin and src: run this in the root of the repository`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stderr.write(
  problems.length === 0 ? `${modules.size} modules keep the import rules\n` : `import rules: ${problems.length} broken\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function checkImport(file, { specifier, line, target }) {
  const imports = `imports "${specifier}"`;
  if (target === undefined) return checkPackage(file, line, specifier);
  if (!modules.has(target)) return report(file, line, `${imports}, and there is no ${target}`, 'import a source of bin or src by its path');
  const from = layerOf(file);
  const to = layerOf(target);
  if (from === undefined || to === undefined || from === to || rankOf(to) > rankOf(from)) return undefined;
  if (rankOf(to) === rankOf(from)) {
    return report(
      file,
      line,
      `${imports}: ${from} and ${to} are siblings and never import each other`,
      'let them meet in commands or in a test',
    );
  }
  return report(file, line, `${imports}: ${from} is below ${to}, and imports point down`, 'pass it in as an argument or a callback');
}

function checkPackage(file, line, specifier) {
  const imports = `imports "${specifier}"`;
  const layer = layerOf(file);
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
  if (layer === 'protocol')
    return report(file, line, `${imports}: protocol is pure and imports only itself`, 'let the caller pass in what it computes');
  if (isBuiltin(specifier)) {
    if (layer !== 'client') return undefined;
    return report(
      file,
      line,
      `${imports}: client also runs in browsers and imports no module of Node`,
      'let the caller pass it in as an option',
    );
  }
  if (name === ownName) return report(file, line, `${imports}: the package does not import itself`, 'import the source by its path');
  for (const rule of PACKAGES) {
    if (rule.names.includes(name) && !rule.allowed(file)) {
      return report(file, line, `${imports}: ${name} belongs to ${rule.where}`, `move what needs ${name} there`);
    }
  }
  return undefined;
}

/** A numbered server file must not reach a lower number, neither itself nor through the files beside the path. */
function checkServerPath(file) {
  const own = serverNumber(file);
  if (own === undefined) return;
  const seen = new Set();
  const walk = (from, via) => {
    for (const { specifier, line, target } of modules.get(from) ?? []) {
      const number = target && serverNumber(target);
      const first = via ?? { specifier, line, through: '' };
      if (number !== undefined && number < own) {
        const what = `imports "${first.specifier}"${first.through}: ${named(file)} is below ${named(target)}, and server imports point down`;
        report(file, first.line, what, 'let server.ts wire a callback');
      } else if (number === undefined && target?.startsWith('src/server/') && !seen.has(target)) {
        seen.add(target);
        walk(target, { ...first, through: ` and through ${target} reaches it` });
      }
    }
  };
  walk(file, undefined);
}

function serverNumber(file) {
  if (!file.startsWith('src/server/')) return undefined;
  const name = file.split('/')[2].replace(/\.tsx?$/, '');
  const number = SERVER_PATH.findIndex((names) => names.includes(name));
  return number === -1 ? undefined : number;
}

function named(file) {
  return `${file.split('/')[2].replace(/\.tsx?$/, '')} (${serverNumber(file)})`;
}

function layerOf(file) {
  const [top, folder] = file.split('/');
  const name = top === 'bin' ? 'bin' : folder;
  return LAYERS.flat().includes(name) ? name : undefined;
}

function rankOf(layer) {
  return LAYERS.findIndex((names) => names.includes(layer));
}

function inFolder(...places) {
  return (file) => places.some((place) => file === place || file.startsWith(`${place}/`));
}

function listModules(from) {
  const files = [];
  for (const top of ['bin', 'src']) {
    if (!existsSync(join(from, top))) continue;
    for (const entry of readdirSync(join(from, top), { recursive: true, withFileTypes: true })) {
      const folder = (entry.parentPath ?? entry.path).slice(from.length + 1).replaceAll('\\', '/');
      if (entry.isFile() && /\.tsx?$/.test(entry.name)) files.push(`${folder}/${entry.name}`);
    }
  }
  return files.sort();
}

/** The imports of a module; `target` is the file of a relative one. */
function readModule(file) {
  const { imports, problems: unread } = readImports(readFileSync(join(root, file), 'utf8'));
  for (const { line, what } of unread) report(file, line, `has ${what}, which this check cannot read`, 'write it plainly');
  return imports.map((found) => ({ ...found, target: targetOf(file, found.specifier) }));
}

function targetOf(file, specifier) {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
  return existsSync(join(root, `${path}x`)) ? `${path}x` : path;
}

function readOwnName() {
  const file = join(root, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).name : undefined;
}

function report(file, line, what, advice) {
  problems.push(`${file}:${line}: ${what}; ${advice}`);
}
