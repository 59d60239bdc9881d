import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface LockEntry {
  readonly version: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A folder elsewhere in which npm has installed what `npm pack` makes of this checkout; its folders are projects. */
export interface InstalledPackage extends Disposable {
  readonly folder: string;
  /** The path of a file, relative to the folder. */
  path(name: string): string;
  /** Writes files by their paths, and the folders that they are in. */
  write(files: Readonly<Record<string, string>>): void;
}

/**
 * Packs and installs; dist must have been built.
 * @param beside packages to install with it, in the versions of this checkout, so that npm need not ask a registry.
 */
export async function installPackage(beside: readonly string[]): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-installed-'));
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], process.cwd());
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const installed = folderOf(folder);
  installed.write(projectFiles(`file:${filename}`, beside));
  await npm(['ci', '--prefer-offline', '--no-audit', '--no-fund'], folder);
  return installed;
}

/** Compiles a project with the TypeScript of this checkout; resolves with what it says, nothing when all is well. */
export async function compileProject(tsconfig: string): Promise<string> {
  const tsc = resolve('node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '-p', tsconfig, '--pretty', 'false'], { cwd: dirname(tsconfig) }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

function folderOf(folder: string): InstalledPackage {
  return {
    folder,
    path: (name) => join(folder, name),
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function npm(args: readonly string[], cwd: string) {
  const script = process.env.npm_execpath;
  return script?.endsWith('js') ? run(process.execPath, [script, ...args], { cwd }) : run('npm', [...args], { cwd });
}

/** A `package.json` and its lock, of the package, what it depends on, and what is beside it with what that depends on. */
function projectFiles(wsn: string, beside: readonly string[]): Record<string, string> {
  const { version, dependencies, bin } = JSON.parse(readFileSync('package.json', 'utf8'));
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> };
  const added = new Set<string>();
  const add = (name: string): void => {
    if (added.has(name)) return;
    added.add(name);
    for (const needed of Object.keys(lock.packages[`node_modules/${name}`]?.dependencies ?? {})) add(needed);
  };
  for (const name of beside) add(name);
  const isNeeded = (path: string, entry: LockEntry) => path !== '' && (!entry.dev || added.has(path.replace('node_modules/', '')));
  const needed = Object.entries(lock.packages).filter(([path, entry]) => isNeeded(path, entry));
  const versions = Object.fromEntries(beside.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? '']));
  const own = { wsn, ...versions };
  const packages = {
    '': { dependencies: own },
    'node_modules/wsn': { version, resolved: wsn, dependencies, bin },
    ...Object.fromEntries(needed.map(([path, { dev: _, ...entry }]) => [path, entry])),
  };
  return {
    'package.json': JSON.stringify({ private: true, type: 'module', dependencies: own }),
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
  };
}
