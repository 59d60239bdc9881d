import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { appendFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { BenchFlags } from '../bench.js';
import { UsageError } from '../exit/usage-error.js';

/** Options that name a file to write. */
const WRITTEN = ['json', 'save', 'junit', 'markdown', 'html'] as const;

type Written = (typeof WRITTEN)[number];

/** A file name that means stdout. */
const STDOUT = '-';

/**
 * Looks whether all files that are to be written can be, before there is anything to write.
 * @throws UsageError for one that cannot, two options that name the same, and two reports that want stdout.
 */
export function checkResultFiles(flags: BenchFlags): void {
  const owners = WRITTEN.filter((name) => wantsStdout(flags, name)).map((name) => (flags[name] === true ? `--${name}` : `--${name} -`));
  if (owners.length > 1) throw new UsageError(`${owners.join(' and ')} exclude each other: each wants stdout`);
  if (flags.save === STDOUT) throw new UsageError('--save - would keep nothing: name a file, or use --json for stdout');
  const named = new Map<string, string>();
  for (const name of WRITTEN) {
    const path = pathOf(flags, name);
    if (path === undefined) continue;
    const other = named.get(resolve(path));
    if (other !== undefined) throw new UsageError(`--${other} and --${name} name the same file, ${path}: each needs its own`);
    named.set(resolve(path), name);
    assertWritable(name, path);
  }
}

/** Whether a report stands on stdout instead of the text. */
export function isTextReplaced(flags: BenchFlags): boolean {
  return WRITTEN.some((name) => wantsStdout(flags, name));
}

/**
 * Writes what an option asks for: to stdout, or to its file, which has the old content or the new one and never a part of it.
 * @param render is asked only when the option is given.
 * @throws UsageError when it cannot be written after all.
 */
export async function writeResult(flags: BenchFlags, name: Written, render: () => string | Promise<string>): Promise<void> {
  if (wantsStdout(flags, name)) {
    process.stdout.write(await render());
    return;
  }
  const path = pathOf(flags, name);
  if (path === undefined) return;
  const text = await render();
  try {
    await replaceFile(path, text);
  } catch (error) {
    throw cannotWrite(name, path, error);
  }
}

/** Adds a report to the summary that GitHub shows of a job; one that cannot be written is told on stderr and spoils nothing. */
export async function appendSummary(render: () => string): Promise<void> {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (path === undefined || path === '') return;
  await appendFile(path, render()).catch((error: Error) => {
    process.stderr.write(`cannot add to $GITHUB_STEP_SUMMARY: ${error.message}\n`);
  });
}

function wantsStdout(flags: BenchFlags, name: Written): boolean {
  return flags[name] === true || flags[name] === STDOUT;
}

function pathOf(flags: BenchFlags, name: Written): string | undefined {
  const value = flags[name];
  return value === undefined || value === '' || wantsStdout(flags, name) ? undefined : String(value);
}

function assertWritable(name: string, path: string): void {
  try {
    const isThere = existsSync(path);
    if (isThere && statSync(path).isDirectory()) throw new Error('it is a folder; name a file in it');
    if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) throw new Error(`there is no folder ${dirname(path)}`);
    if (isThere) accessSync(path, constants.W_OK);
    if (!isThere || statSync(path).isFile()) accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw cannotWrite(name, path, error);
  }
}

function cannotWrite(name: string, path: string, error: unknown): UsageError {
  return new UsageError(`cannot write --${name} ${path}: ${(error as Error).message}`);
}

/** Writes beside the file and renames; what is no plain file, such as a pipe, is written to. */
async function replaceFile(path: string, text: string): Promise<void> {
  const real = await realpath(path).catch(() => path);
  const known = await stat(real).catch(() => undefined);
  if (known && !known.isFile()) return writeFile(real, text);
  const beside = `${real}.${process.pid}.part`;
  try {
    await writeFile(beside, text);
    await rename(beside, real);
  } finally {
    await rm(beside, { force: true });
  }
}
