import {
  type Complaint,
  type FileError,
  type Located,
  locatedAt,
  NOWHERE,
  type Place,
  readYaml,
  type Source,
} from '../../document/index.js';
import { type Json, ProtocolError, type Topic } from '../../protocol/index.js';
import { scan } from '../../protocol/scan.js';

/** A file of the folder that holds JSON. */
export interface SchemaFile {
  /** Below the folder, with `/` between its parts. */
  readonly path: string;
  /** Undefined for one that is only there to be referred to. */
  readonly topic: Topic | undefined;
  readonly schema: Json;
  readonly source: Source;
  /** The same as `schema`, with places. */
  readonly root: Located;
}

/** A file as it was found. */
export interface FoundFile {
  readonly path: string;
  readonly topic: Topic | undefined;
  readonly bytes: Buffer;
}

/** Reads the JSON of a file strictly; names that stand twice are an error. */
export function readSchemaFile({ path, topic, bytes }: FoundFile): SchemaFile | FileError {
  const text = decode(bytes);
  if (text === undefined) return { path, source: undefined, place: NOWHERE, message: 'is not UTF-8' };
  const source: Source = { path, text };
  const refuse = ({ message, place }: Complaint): FileError => ({ path, source, place, message });
  try {
    scan(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return refuse({ message: error.message.replace(/ at byte \d+$/, ''), place: placeAt(text, error.offset ?? 0) });
  }
  // What is JSON is YAML: here for the places, and for names that stand twice, of which JSON.parse drops one.
  const { root, complaints } = readYaml(text);
  if (complaints[0] !== undefined) return refuse(complaints[0]);
  return root === undefined
    ? refuse({ message: 'found nothing, expected a schema', place: NOWHERE })
    : { path, topic, schema: JSON.parse(text) as Json, source, root };
}

/**
 * Where the value of a pointer stands, or what it stands in.
 * @param of whether the name of the member is meant, or its value.
 */
export function placeOf(root: Located, pointer: string, of: 'name' | 'value' = 'value'): Place {
  const { isThere, at, namePlace } = locatedAt(root, pointer);
  return of === 'name' && isThere ? namePlace : at.place;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @param offset in bytes of UTF-8. */
function placeAt(text: string, offset: number): Place {
  const lines = Buffer.from(text).subarray(0, offset).toString('utf8').split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, length: 1 };
}
