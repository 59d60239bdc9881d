import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileError, NOWHERE } from '../../document/index.js';
import { topicKey } from '../../protocol/index.js';
import { type CheckData, compileSchemas } from './compile-schemas.js';
import { topicOf } from './file-name.js';
import { type FoundFile, readSchemaFile, type SchemaFile } from './schema-file.js';

/** Deeper folders are not looked into: a link may lead in a circle. */
const DEEPEST = 8;

/** A folder of schemas as it was read. */
export interface ReadSchemas {
  /** Files that hold JSON, in the order of their paths; below the folder, with `/` between folder and file. */
  readonly files: readonly SchemaFile[];
  /** One for each topic; none when anything is wrong. */
  readonly checks: readonly CheckData[];
  /** All that is wrong; paths as above. */
  readonly errors: readonly FileError[];
  /** SHA-256 of all that was read, names and contents. */
  readonly digest: string;
}

/**
 * Reads a folder of schemas. `<package>/<page>.json` is a topic's; a `.json` that lies elsewhere is only there to
 * be referred to. Names that begin with a dot, and files with another ending, are left out. Never throws.
 */
export async function readSchemas(folder: string): Promise<ReadSchemas> {
  const errors: FileError[] = [];
  const found = await findFiles(folder, errors);
  const files: SchemaFile[] = [];
  for (const file of found) {
    const read = readSchemaFile(file);
    if ('schema' in read) files.push(read);
    else errors.push(read);
  }
  refuseTwins(files, errors);
  if (found.length === 0 && errors.length === 0) {
    errors.push(unreadable('', 'there is no .json in this folder, expected <package>/<page>.json'));
  }
  const compiled = compileSchemas(files, errors.length > 0);
  errors.push(...compiled.errors);
  return { files, checks: errors.length === 0 ? compiled.checks : [], errors, digest: digestOf(found) };
}

async function findFiles(folder: string, errors: FileError[]): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  const look = async (below: string, level: number): Promise<void> => {
    for (const name of (await readdir(join(folder, below))).sort()) {
      if (name.startsWith('.')) continue;
      const path = below === '' ? name : `${below}/${name}`;
      // Follows links: that is how a mounted configuration comes.
      const facts = await stat(join(folder, path));
      if (facts.isDirectory()) {
        if (level < DEEPEST) await look(path, level + 1);
      } else if (/\.json$/i.test(name)) await take(path);
    }
  };
  const take = async (path: string): Promise<void> => {
    try {
      if (!path.endsWith('.json')) throw new RangeError('expected the ending ".json" in small letters');
      found.push({ path, topic: topicOf(path), bytes: await readFile(join(folder, path)) });
    } catch (error) {
      errors.push(unreadable(path, (error as Error).message));
    }
  };
  try {
    await look('', 0);
  } catch (error) {
    errors.push(unreadable('', whyUnread(error as NodeJS.ErrnoException)));
  }
  return found;
}

function digestOf(files: readonly FoundFile[]): string {
  const hash = createHash('sha256');
  // With the length, so that no content passes for the name of the next.
  for (const { path, bytes } of files) hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  return hash.digest('base64');
}

function whyUnread({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such folder';
  return code === 'ENOTDIR' ? 'is a file, expected a folder' : `cannot be read: ${message}`;
}

/** A name may be written in more ways than one. */
function refuseTwins(files: readonly SchemaFile[], errors: FileError[]): void {
  const seen = new Map<string, string>();
  for (const { path, topic } of files) {
    if (topic === undefined) continue;
    const key = topicKey(topic);
    const twin = seen.get(key);
    if (twin === undefined) seen.set(key, path);
    else errors.push(unreadable(path, `is for the same topic as ${twin}: delete one of them`));
  }
}

function unreadable(path: string, message: string): FileError {
  return { path, source: undefined, place: NOWHERE, message };
}
