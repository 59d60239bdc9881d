import { dirname, isAbsolute, join } from 'node:path';
import {
  type Complaint,
  type FileError,
  type Located,
  memberOf,
  type Place,
  readSource,
  readYaml,
  type Source,
} from '../../document/index.js';
import { FILE_SHAPE, shapeOf } from './file-shape.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';
import { withoutSecrets } from './without-secrets.js';

/** What a file says. */
export interface FileSettings {
  readonly source: Source;
  readonly values: ReadonlyMap<Setting, { readonly value: unknown; readonly place: Place }>;
}

/**
 * Reads a file with settings, YAML or JSON; a relative path in it becomes one from the working directory.
 * @param path of the file; errors name it so.
 * @returns what it says, nothing where anything is wrong with it, and all that is wrong with it, in the order of the file.
 */
export function readSettings(path: string): FileSettings & { readonly errors: readonly FileError[] } {
  const source = readSource(path);
  if (!('text' in source)) return { source: { path, text: '' }, values: new Map(), errors: [source] };
  const { root, complaints } = readYaml(source.text);
  const shown = { path, text: withoutSecrets(source.text) };
  const found: Complaint[] = [...complaints];
  const known = root === undefined || isEmpty(root) ? undefined : withoutSecret(root, found);
  if (known !== undefined) FILE_SHAPE.check(known, { complain: (complaint) => found.push(complaint) });
  const errors = found
    .toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .map((complaint) => errorOf(complaint, shown));
  return { source: shown, values: errors.length > 0 ? new Map() : valuesOf(known, dirname(path)), errors };
}

/** The line of the file is shown, of one that may hold a key or the secret nothing but its beginning. */
function errorOf(complaint: Complaint, source: Source): FileError {
  const { path, text } = source;
  if (!/^auth\.(?:apiKeys|secret)\b/.test(complaint.message)) return { path, source, ...complaint };
  const lines = text.split('\n').map((line, index) => (index === complaint.place.line - 1 ? line.replace(/(?<=[:-].*)\S/g, '*') : line));
  return { path, source: { path, text: lines.join('\n') }, ...complaint };
}

function valuesOf(root: Located | undefined, folder: string): FileSettings['values'] {
  const values = new Map<Setting, { value: unknown; place: Place }>();
  for (const setting of SETTINGS) {
    const at = memberOf(memberOf(root, setting.group), setting.member);
    if (at === undefined) continue;
    const value = shapeOf(setting)?.check(at, { complain: () => {} });
    values.set(setting, { value: setting.kind.isPath ? fromHere(String(value), folder) : value, place: at.place });
  }
  return values;
}

/** A URL and an absolute path stay what they are. */
function fromHere(path: string, folder: string): string {
  return isAbsolute(path) || /^[a-z][a-z\d+.-]*:\/\//i.test(path) ? path : join(folder, path);
}

/** Nothing but comments. */
function isEmpty(root: Located): boolean {
  return root.kind === 'scalar' && root.value === null;
}

/** The file without a secret that stands in it, of which it is told why it must not: files are copied, shown and kept. */
function withoutSecret(root: Located, found: Complaint[]): Located {
  if (root.kind !== 'map') return root;
  const entries = root.entries.map((entry) => {
    if (entry.key !== 'auth' || entry.value.kind !== 'map') return entry;
    const kept = entry.value.entries.filter(({ key, keyPlace }) => {
      if (key !== 'secret') return true;
      found.push({
        message: 'auth.secret cannot stand in a file: name a file with it in auth.secretFile, or set WSN_AUTH_SECRET',
        place: keyPlace,
      });
      return false;
    });
    return { ...entry, value: { ...entry.value, entries: kept } };
  });
  return { ...root, entries };
}
