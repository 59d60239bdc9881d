import { posix } from 'node:path';
import { type Json, valueAt } from '../../protocol/index.js';
import type { SchemaFile } from '../../server/schemas/schema-file.js';
import { walkSchema } from '../../server/schemas/walk-schema.js';

/** A schema in a file of the folder. */
export interface Target {
  readonly file: SchemaFile;
  /** JSON pointer in the file; empty for the whole. */
  readonly pointer: string;
  readonly schema: Json;
}

/**
 * What a `$ref` refers to.
 * @returns undefined for one that is resolved in another way than by path and pointer: by `$anchor`, or against an `$id`.
 */
export function referenceTo(ref: string, from: SchemaFile, files: readonly SchemaFile[]): Target | undefined {
  const [path = '', fragment = ''] = ref.split('#');
  if (hasOwnNames(from)) return undefined;
  const file = path === '' ? from : files.find((candidate) => candidate.path === pathOf(path, from));
  if (file === undefined || hasOwnNames(file) || (fragment !== '' && !fragment.startsWith('/'))) return undefined;
  const pointer = decode(fragment);
  const schema = pointer === undefined ? undefined : valueAt(file.schema, pointer);
  return pointer === undefined || schema === undefined ? undefined : { file, pointer, schema };
}

/** Whether a schema in the file has a URI of its own, against which what is in it is resolved. */
function hasOwnNames({ schema }: SchemaFile): boolean {
  let found = false;
  walkSchema(schema, (part) => {
    found ||= typeof part.$id === 'string';
  });
  return found;
}

function pathOf(path: string, from: SchemaFile): string | undefined {
  const decoded = decode(path);
  return decoded === undefined ? undefined : posix.join(posix.dirname(from.path), decoded);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
