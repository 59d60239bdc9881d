import type { Ajv2020 } from 'ajv/dist/2020.js';
import { type FileError, quote, suggest } from '../../document/index.js';
import { escapePointer, type JsonObject } from '../../protocol/index.js';
import { placeOf, type SchemaFile } from './schema-file.js';
import { KEYWORDS, walkSchema } from './walk-schema.js';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** What stands in a schema under a name that the draft does not know, and formats and patterns that nobody can check. */
export function refuseKeywords({ path, schema, source, root }: SchemaFile, ajv: Ajv2020): readonly FileError[] {
  const errors: FileError[] = [];
  walkSchema(schema, (part, pointer) => {
    for (const [keyword, value] of Object.entries(part)) {
      const at = `${pointer}/${escapePointer(keyword)}`;
      if (!KEYWORDS.has(keyword)) {
        const message = `found ${quote(keyword)}, which is no keyword of JSON Schema 2020-12: ${suggest(keyword, KEYWORDS.keys(), 'keywords')}`;
        errors.push({ path, source, place: placeOf(root, at, 'name'), message });
        continue;
      }
      const problem = problemOf(keyword, value, ajv);
      if (problem !== undefined) errors.push({ path, source, place: placeOf(root, at), message: problem });
    }
  });
  return errors;
}

function problemOf(keyword: string, value: unknown, ajv: Ajv2020): string | undefined {
  if (keyword === '$schema' && typeof value === 'string' && value.replace(/#$/, '') !== DRAFT) {
    return `found the draft ${quote(value)}, expected ${DRAFT}`;
  }
  if (keyword === 'format' && typeof value === 'string' && !Object.hasOwn(ajv.formats, value)) {
    return `found the format ${quote(value)}, which is not known: ${suggest(value, Object.keys(ajv.formats), 'formats')}`;
  }
  if (keyword === 'pattern' && typeof value === 'string') return problemOfPattern(value);
  if (keyword === 'patternProperties' && typeof value === 'object' && value !== null) {
    for (const pattern of Object.keys(value as JsonObject)) {
      const problem = problemOfPattern(pattern);
      if (problem !== undefined) return problem;
    }
  }
  // The compiler leaves it out without a word.
  if (keyword === 'properties' && typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    return 'found the member "__proto__", which cannot be checked: describe it with "patternProperties" and "^__proto__$"';
  }
  return undefined;
}

function problemOfPattern(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    return `found the pattern ${quote(pattern)}, expected a regular expression of ECMAScript: ${(error as Error).message.split(': ').at(-1)}`;
  }
}
