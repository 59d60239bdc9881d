import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FileError, NOWHERE, quote, readSource, STDIN } from '../../document/index.js';
import type { Case } from '../scenario.js';
import { readScenario } from './read-scenario.js';
import { scenarioShape, type Vocabulary } from './scenario-shape.js';

/** What files and folders came to. */
export interface LoadedScenarios {
  /** In the order of the files, and of the rows of each; none of a file that has an error. */
  readonly cases: readonly Case[];
  readonly errors: readonly FileError[];
  /** How many files were read. */
  readonly files: number;
}

/** Folder of a suite that holds no scenarios: what is known of certain servers. */
const TARGETS = 'targets';

/**
 * Loads scenarios, and finds everything that is wrong with them.
 * @param paths files, `-` for stdin, and folders whose `*.yaml` and `*.yml` are taken in the order of their names; one that is named twice is read once.
 * @param vocabulary the step words, and what a load is.
 */
export function loadScenarios(paths: readonly string[], vocabulary: Vocabulary): LoadedScenarios {
  const shape = scenarioShape(vocabulary);
  const found = paths.map(findFiles);
  const files = [...new Map(found.flatMap(({ files }) => files).map((path) => [resolve(path), path])).values()];
  const errors: FileError[] = found.flatMap(({ errors }) => errors);
  const cases: Case[] = [];
  const places = new Map<string, string>();
  for (const path of files) {
    const source = readSource(path);
    if ('message' in source) {
      errors.push(source);
      continue;
    }
    const read = readScenario(source, shape);
    errors.push(...read.complaints.map((complaint) => ({ path, source, ...complaint })));
    const other = read.id && places.get(read.id.name);
    if (read.id && other !== undefined) {
      errors.push({ path, source, place: read.id.place, message: `the id ${quote(read.id.name)} is taken: ${other} has it` });
    } else {
      if (read.id) places.set(read.id.name, `${path}:${read.id.place.line}`);
      cases.push(...read.cases);
    }
  }
  return { cases, errors, files: files.length };
}

interface Found {
  readonly files: readonly string[];
  readonly errors: readonly FileError[];
}

function findFiles(path: string): Found {
  if (path === STDIN) return { files: [path], errors: [] };
  try {
    if (!statSync(path).isDirectory()) return { files: [path], errors: [] };
    const files = filesBelow(path);
    return files.length > 0 ? { files, errors: [] } : notFound(path, 'found no scenario in this folder, expected *.yaml files');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return notFound(path, isMissing ? 'there is no such file or folder' : `cannot be read: ${messageOf(error)}`);
  }
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === TARGETS ? [] : filesBelow(join(folder, entry.name));
    return /\.ya?ml$/.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

function notFound(path: string, message: string): Found {
  return { files: [], errors: [{ path, source: undefined, place: NOWHERE, message }] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
