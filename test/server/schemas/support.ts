import { decodePublications, type Json } from '../../../src/protocol/index.js';
import { loadSchemas, type Schemas, type Violation } from '../../../src/server/schemas/schemas.js';
import type { Folder } from './folder.js';

/** A schema of an object with a member `id`. */
export const OBJECT = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };

/** The schemas of a folder, as a broker loads them. */
export function load(folder: Folder, schemaMode: 'enforce' | 'observe' = 'enforce'): Promise<Schemas> {
  return loadSchemas({ schemas: folder.path, schemaMode });
}

/** Checks a body as a broker decodes it. */
export function checkBody(schemas: Schemas, body: string, path = ''): readonly (Violation | undefined)[] {
  const bytes = Buffer.from(body);
  const { isList, publications } = decodePublications({ bytes, text: body, isRelayed: true });
  return publications.map((publication, index) => schemas.check(publication, bytes, isList ? `/notifications/${index}` : path));
}

/** Checks data of the topic of `p/q.json`. */
export function checkData(schemas: Schemas, data: Json | undefined): Violation | undefined {
  return checkBody(schemas, JSON.stringify({ package: 'p', page: 'q', data }))[0];
}
