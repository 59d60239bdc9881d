import { Ajv2020, MissingRefError, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FileError } from '../../document/index.js';
import { escapePointer, isObject, type Json, type Topic } from '../../protocol/index.js';
import { EQUALITY } from './equality.js';
import { describeMisfit, type Misfit } from './misfit.js';
import { placeOf, type SchemaFile } from './schema-file.js';
import { refuseKeywords } from './schema-keywords.js';
import { walkSchema } from './walk-schema.js';

/** Checks the data of one topic. */
export interface CheckData {
  readonly topic: Topic;
  /** @param data undefined where there is none, which fits only a schema that says nothing about what data is. */
  misfit(data: unknown): Misfit | undefined;
}

/** In front of a file's path: what `$ref` is resolved against. Nothing is ever fetched from there. */
const BASE = 'http://schemas.invalid/';

/** Data of each type: what a schema that refers to itself in a circle never comes to an end with. */
const SAMPLES: readonly unknown[] = [undefined, null, true, 0, '', [], {}];

/**
 * Compiles the files of a folder together, so that they can refer to each other.
 * @param isIncomplete whether files are missing because they are broken: then nothing is compiled.
 */
export function compileSchemas(
  files: readonly SchemaFile[],
  isIncomplete: boolean,
): { readonly checks: readonly CheckData[]; readonly errors: readonly FileError[] } {
  const ajv = createCompiler(files);
  const errors: FileError[] = [];
  const refused = new Set<SchemaFile>();
  for (const file of files) {
    const unknown = refuseKeywords(file, ajv);
    const found = unknown.length > 0 ? unknown : refuseShape(file, ajv);
    if (found.length > 0) refused.add(file);
    errors.push(...found);
  }
  const good = files.filter((file) => !refused.has(file));
  for (const file of good) errors.push(...attempt(file, files, () => add(ajv, file)));
  // What refers to a broken file would be told as broken, too.
  if (isIncomplete || errors.length > 0) return { checks: [], errors };
  const checks: CheckData[] = [];
  for (const file of good) {
    const refusals = attempt(file, files, () => {
      const misfit = compile(ajv, file);
      // What never comes to an end with one of these throws here, and not when a publisher brings it.
      for (const sample of SAMPLES) misfit(sample);
      if (file.topic !== undefined) checks.push({ topic: file.topic, misfit: orRefused(misfit, file.path) });
    });
    errors.push(...refusals);
  }
  return { checks, errors };
}

function createCompiler(files: readonly SchemaFile[]): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    // Rules of style, which a valid schema may break.
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowMatchingProperties: true,
    // Or a schema that wants a member `constructor` would find that of every object.
    ownProperties: true,
    verbose: true,
    logger: false,
  });
  // What has been looked at is noted for these keywords alone; it takes time, and the compiler sometimes makes a check of it that throws.
  ajv.opts.unevaluated = files.some(({ schema }) => hasUnevaluated(schema));
  formats.default(ajv);
  // It resolves references to anchors, and takes the word itself for unknown.
  ajv.addKeyword('$anchor');
  for (const definition of EQUALITY) ajv.removeKeyword(String(definition.keyword)).addKeyword({ ...definition, errors: false });
  return ajv;
}

function hasUnevaluated(schema: Json): boolean {
  let found = false;
  walkSchema(schema, (part) => {
    found ||= Object.hasOwn(part, 'unevaluatedProperties') || Object.hasOwn(part, 'unevaluatedItems');
  });
  return found;
}

/** What JSON Schema's own schema says against it. */
function refuseShape(file: SchemaFile, ajv: Ajv2020): readonly FileError[] {
  const { path, schema, source, root } = file;
  if (!isObject(schema) && typeof schema !== 'boolean') {
    return [{ path, source, place: root.place, message: 'expected a schema: an object, `true` or `false`' }];
  }
  if (ajv.validateSchema(schema)) return [];
  const { pointer, message } = describeMisfit(ajv.errors ?? [], '');
  return [{ path, source, place: placeOf(root, pointer), message: `${pointer}: ${message}` }];
}

function add(ajv: Ajv2020, { path, schema }: SchemaFile): void {
  ajv.addSchema(schema as object | boolean, uriOf(path), false, false);
}

function compile(ajv: Ajv2020, { path }: SchemaFile): CheckData['misfit'] {
  const validate = ajv.getSchema(uriOf(path)) as ValidateFunction;
  return (data) => {
    if (validate(data)) return undefined;
    const errors = validate.errors ?? [];
    // They hold the data.
    validate.errors = null;
    return describeMisfit(errors, path);
  };
}

/** Data on which the compiled check itself breaks, as in a circle that only some data walks: that is refused, and the broker goes on. */
function orRefused(misfit: CheckData['misfit'], rule: string): CheckData['misfit'] {
  return (data) => {
    try {
      return misfit(data);
    } catch (error) {
      const because = error instanceof RangeError ? 'it refers to itself in a circle' : 'its check failed';
      return { pointer: '', message: `expected data that the schema can be applied to, found data on which ${because}`, rule };
    }
  };
}

/** The error of what a compiler throws, told of the file that is compiled. */
function attempt(file: SchemaFile, files: readonly SchemaFile[], step: () => void): readonly FileError[] {
  try {
    step();
    return [];
  } catch (error) {
    const { path, source, root } = file;
    if (error instanceof RangeError) {
      return [{ path, source, place: root.place, message: 'refers to itself in a circle: no data would ever be checked to its end' }];
    }
    if (!(error instanceof MissingRefError)) {
      const message = (error as Error).message.replace(/^strict mode: /, '').replaceAll(BASE, '');
      return [{ path, source, place: root.place, message }];
    }
    const pointer = pointerOfReference(file, error.missingRef);
    return [{ path, source, place: placeOf(root, pointer), message: missingText(error, files) }];
  }
}

function missingText({ missingRef, missingSchema }: MissingRefError, files: readonly SchemaFile[]): string {
  const found = `found a $ref to ${JSON.stringify(missingRef.replace(BASE, ''))}`;
  const there = files.find((file) => [uriOf(file.path), baseOf(file)].includes(missingSchema));
  if (there !== undefined) return `${found}, and ${there.path} has no such place`;
  return `${found}, expected a place in a file of this folder: nothing is fetched from elsewhere`;
}

/** Where the reference stands that was resolved to `uri`; the whole file where it stands in another one. */
function pointerOfReference(file: SchemaFile, uri: string): string {
  let found = '';
  walkSchema(file.schema, (part, pointer) => {
    for (const keyword of ['$ref', '$dynamicRef']) {
      const ref = part[keyword];
      if (typeof ref !== 'string' || found !== '') continue;
      if (ref === uri || uri === resolve(ref, baseOf(file))) found = `${pointer}/${escapePointer(keyword)}`;
    }
  });
  return found;
}

/** What its references are resolved against: its place, or the `$id` that it gives itself. */
function baseOf({ schema, path }: SchemaFile): string {
  const id = isObject(schema) && typeof schema.$id === 'string' ? schema.$id : '';
  return resolve(id.replace(/#.*$/, ''), uriOf(path)) ?? uriOf(path);
}

function resolve(ref: string, base: string): string | undefined {
  return URL.canParse(ref, base) ? new URL(ref, base).href : undefined;
}

function uriOf(path: string): string {
  return BASE + path.split('/').map(encodeURIComponent).join('/');
}
