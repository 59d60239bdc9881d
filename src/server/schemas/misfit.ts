import type { ErrorObject } from 'ajv';
import { quote } from '../../document/index.js';
import { describe, escapePointer, type Json } from '../../protocol/index.js';

/** Where and why data does not fit a schema. */
export interface Misfit {
  /** JSON pointer of the value at fault below the data; empty for the whole. */
  readonly pointer: string;
  /** What was expected and what was found, by its type. */
  readonly message: string;
  /** File and pointer of the rule, and between them the reference that led there, if one did. */
  readonly rule: string;
}

/** A longer pointer is cut at a value that holds the one at fault: its names are the publisher's. */
const LONGEST_POINTER = 512;
/** How many of the allowed values are named. */
const LISTED = 8;

/** Errors that only say that one of those in front of them holds. */
const COMPOSITES: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'if', 'propertyNames', 'contains', '$ref']);

/**
 * Says in one sentence what a validation found.
 * @param errors of one validation that stopped at the first thing that does not fit; with the data at fault in each.
 * @param file whose schema it is.
 */
export function describeMisfit(errors: readonly ErrorObject[], file: string): Misfit {
  const error = mostTelling(errors);
  if (error === undefined) return { pointer: '', message: 'expected what the schema asks for', rule: file };
  const member = memberAtFault(error);
  const pointer = cutPointer(member === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(member)}`);
  return { pointer, message: choice(error, errors) ?? sentence(error), rule: ruleOf(error.schemaPath, file) };
}

/** Of alternatives that all say what the value itself has to be, all of them: "expected a string or null, found a number". */
function choice(last: ErrorObject, errors: readonly ErrorObject[]): string | undefined {
  if (last.keyword !== 'anyOf' && (last.keyword !== 'oneOf' || last.params.passingSchemas !== null)) return undefined;
  const inner = errors.filter(({ keyword }) => !COMPOSITES.has(keyword));
  const wanted = inner.map((error) => (error.instancePath === last.instancePath ? WANTED[error.keyword]?.(error) : undefined));
  if (wanted.length === 0 || wanted.includes(undefined)) return undefined;
  const data = last.data as Json | undefined;
  return `expected ${wanted.join(' or ')}, found ${inner.some(({ keyword }) => keyword !== 'type') ? another(data) : describe(data)}`;
}

/** Of alternatives none of which fits, what is wrong with the one that went deepest into the data. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const last = errors.at(-1);
  if (last === undefined || !COMPOSITES.has(last.keyword)) return errors[0] === undefined ? undefined : last;
  if (last.keyword === 'contains' || last.keyword === 'propertyNames') return last;
  const inner = errors.slice(0, -1).filter(({ keyword }) => !COMPOSITES.has(keyword));
  if (last.keyword === 'if') return inner.at(-1) ?? last;
  const deepest = inner.reduce<ErrorObject | undefined>((best, error) => (best && depth(best) >= depth(error) ? best : error), undefined);
  return deepest !== undefined && depth(deepest) > depth(last) ? deepest : last;
}

function depth(error: ErrorObject): number {
  return error.instancePath.split('/').length + (memberAtFault(error) === undefined ? 0 : 1);
}

/** The member that is missing, or is one too many. */
function memberAtFault({ params }: ErrorObject): string | undefined {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = params as Record<string, string | undefined>;
  return missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName;
}

function cutPointer(pointer: string): string {
  let cut = pointer;
  while (cut.length > LONGEST_POINTER) cut = cut.slice(0, cut.lastIndexOf('/'));
  return cut;
}

/** The path begins with what a `$ref` says, where one led to the rule. */
function ruleOf(schemaPath: string, file: string): string {
  return schemaPath.startsWith('#') ? `${file}${schemaPath}` : `${file} ${schemaPath}`;
}

function sentence(error: ErrorObject): string {
  const data = error.data as Json | undefined;
  if (data === undefined && error.instancePath === '' && !('missingProperty' in error.params)) return 'expected data, found nothing';
  return SENTENCES[error.keyword]?.(error, data) ?? `expected something else: it ${error.message ?? 'does not fit the schema'}`;
}

/** What a rule about the value itself expects. */
const WANTED: Readonly<Record<string, (error: ErrorObject) => string>> = {
  type: ({ params }) => typeNames(params.type),
  enum: ({ schema }) => listed(schema as readonly Json[]),
  const: ({ schema }) => listed([schema as Json]),
};

type Sentence = (error: ErrorObject, data: Json | undefined) => string;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  type: ({ params }, data) => `expected ${typeNames(params.type)}, found ${describe(data)}`,
  required: () => 'expected this member, found nothing',
  dependentRequired: ({ params }) => `expected this member because of ${quote(String(params.property))}, found nothing`,
  additionalProperties: () => 'expected no such member: the schema does not name it',
  unevaluatedProperties: () => 'expected no such member: the schema does not name it',
  propertyNames: () => 'expected another name: that of this member does not fit the schema',
  enum: ({ schema }, data) => `expected ${listed(schema as readonly Json[])}, found ${another(data)}`,
  const: ({ schema }, data) => `expected ${listed([schema as Json])}, found ${another(data)}`,
  minLength: ({ params }, data) => `expected at least ${params.limit} characters, found ${[...String(data)].length}`,
  maxLength: ({ params }, data) => `expected at most ${params.limit} characters, found ${[...String(data)].length}`,
  minItems: ({ params }, data) => `expected at least ${params.limit} items, found ${(data as readonly Json[]).length}`,
  maxItems: ({ params }, data) => `expected at most ${params.limit} items, found ${(data as readonly Json[]).length}`,
  items: ({ params }, data) => `expected at most ${params.limit} items, found ${(data as readonly Json[]).length}`,
  unevaluatedItems: ({ params }, data) => `expected at most ${params.len} items, found ${(data as readonly Json[]).length}`,
  minProperties: ({ params }, data) => `expected at least ${params.limit} members, found ${Object.keys(data as object).length}`,
  maxProperties: ({ params }, data) => `expected at most ${params.limit} members, found ${Object.keys(data as object).length}`,
  minimum: ({ params }) => `expected at least ${params.limit}, found a smaller number`,
  exclusiveMinimum: ({ params }) => `expected more than ${params.limit}, found a number that is not`,
  maximum: ({ params }) => `expected at most ${params.limit}, found a greater number`,
  exclusiveMaximum: ({ params }) => `expected less than ${params.limit}, found a number that is not`,
  multipleOf: ({ params }) => `expected a multiple of ${params.multipleOf}, found another number`,
  pattern: ({ params }) => `expected a string that matches ${cut(String(params.pattern))}, found another`,
  format: ({ params }, data) => `expected the format ${quote(String(params.format))}, found another ${typeof data}`,
  uniqueItems: () => 'expected items that all differ, found two that are equal',
  contains: ({ params }) => `expected ${timesOf(params)} for the schema of "contains", found another number of them`,
  not: (_, data) => `expected a value that does not fit the schema of "not", found ${describe(data)}`,
  anyOf: ({ schema }, data) =>
    `expected one of the ${(schema as readonly Json[]).length} forms of the schema, found ${describe(data)} of none`,
  oneOf: ({ schema, params }, data) =>
    `expected exactly one of the ${(schema as readonly Json[]).length} forms of the schema, found ${describe(data)} of ${params.passingSchemas === null ? 'none' : 'two'}`,
  'false schema': (_, data) => `expected nothing here, found ${describe(data)}`,
};

function typeNames(type: string | readonly string[]): string {
  const names = [type].flat().map((name) => (name === 'null' ? name : `${/^[aio]/.test(name) ? 'an' : 'a'} ${name}`));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** Values that the schema names, as JSON. */
function listed(values: readonly Json[]): string {
  const shown = values.slice(0, LISTED).map((value) => cut(JSON.stringify(value)));
  return `${values.length > 1 ? 'one of ' : ''}${shown.join(', ')}${values.length > LISTED ? ', …' : ''}`;
}

/** What is of the right type perhaps, and not the right value. */
function another(data: Json | undefined): string {
  return typeof data === 'string' || typeof data === 'number' ? `another ${typeof data}` : describe(data);
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function timesOf({ minContains, maxContains }: Record<string, unknown>): string {
  const least = `at least ${minContains} ${minContains === 1 ? 'item' : 'items'}`;
  return maxContains === undefined ? least : `${least} and at most ${maxContains}`;
}
