import { isObject, isScalar, type Json, type JsonObject } from '../../protocol/index.js';
import { escapeText } from '../terminal/escape-text.js';
import { docComment } from './doc-comment.js';

/** Where a type is printed. */
export interface PrintContext {
  /** The name of the type of what a `$ref` refers to. */
  refer(ref: string): string;
  /** In front of the lines of the type, but the first. */
  readonly indent: string;
}

const TYPES = ['object', 'array', 'string', 'number', 'boolean', 'null'] as const;
const OBJECT_WORDS = ['properties', 'required', 'additionalProperties', 'patternProperties'];
const ARRAY_WORDS = ['items', 'prefixItems'];

/** The TypeScript type of a schema: what fits the schema fits the type. */
export function typeOf(schema: Json | undefined, context: PrintContext): string {
  if (schema === false) return 'never';
  if (!isObject(schema)) return 'unknown';
  const parts = [ownType(schema, context)];
  if (typeof schema.$ref === 'string') parts.push(context.refer(schema.$ref));
  for (const part of listOf(schema.allOf)) parts.push(typeOf(part, context));
  for (const word of ['anyOf', 'oneOf']) {
    if (Array.isArray(schema[word]))
      parts.push(
        joined(
          listOf(schema[word]).map((part) => typeOf(part, context)),
          '|',
          'never',
        ),
      );
  }
  return joined(
    parts.filter((part) => part !== 'unknown'),
    '&',
    'unknown',
  );
}

/** What the schema says by itself, without those that it is put together with. */
function ownType(schema: JsonObject, context: PrintContext): string {
  if (Object.hasOwn(schema, 'const')) return literalType(schema.const as Json);
  if (Array.isArray(schema.enum)) return joined(listOf(schema.enum).map(literalType), '|', 'never');
  const named = [schema.type ?? [...TYPES]].flat() as readonly string[];
  const saysNothing = schema.type === undefined && ![...OBJECT_WORDS, ...ARRAY_WORDS].some((word) => Object.hasOwn(schema, word));
  if (saysNothing) return 'unknown';
  const types = named.map((type) => {
    if (type === 'object') return objectType(schema, context);
    if (type === 'array') return arrayType(schema, context);
    return type === 'integer' ? 'number' : type;
  });
  return joined([...new Set(types)], '|', 'never');
}

function objectType(schema: JsonObject, context: PrintContext): string {
  const indent = `${context.indent}  `;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(listOf(schema.required).map(String));
  const names = [...new Set([...Object.keys(properties), ...required])];
  const members = names.map((name) => {
    const part = Object.hasOwn(properties, name) ? properties[name] : true;
    const mark = required.has(name) ? '' : '?';
    return `${docComment(part ?? true, indent)}${indent}readonly ${text(name)}${mark}: ${typeOf(part, { ...context, indent })};\n`;
  });
  const others = typeOfOthers(schema, names.length > 0, context);
  if (others !== undefined) members.push(`${indent}readonly [name: string]: ${others};\n`);
  // Without a member `{}` would be the type of anything.
  return members.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${members.join('')}${context.indent}}`;
}

/** The type of members that have no type of their own; undefined where there are none. Theirs has to hold those of the others, too. */
function typeOfOthers(schema: JsonObject, areNamed: boolean, context: PrintContext): string | undefined {
  const hasPatterns = isObject(schema.patternProperties) && Object.keys(schema.patternProperties).length > 0;
  if (hasPatterns) return 'unknown';
  if (schema.additionalProperties === false) return undefined;
  return areNamed ? 'unknown' : typeOf(schema.additionalProperties ?? true, { ...context, indent: `${context.indent}  ` });
}

function arrayType(schema: JsonObject, context: PrintContext): string {
  const inner = { ...context, indent: `${context.indent}  ` };
  const rest = typeOf(schema.items ?? true, inner);
  const first = listOf(schema.prefixItems);
  if (first.length === 0) return `readonly ${inParentheses(rest)}[]`;
  const least = typeof schema.minItems === 'number' ? schema.minItems : 0;
  const places = first.map((part, index) => {
    const type = typeOf(part, inner);
    return index < least ? type : `(${type})?`;
  });
  return `readonly [${[...places, ...(schema.items === false ? [] : [`...${inParentheses(rest)}[]`])].join(', ')}]`;
}

function literalType(value: Json): string {
  if (isScalar(value)) return text(value);
  if (Array.isArray(value)) return `readonly [${value.map(literalType).join(', ')}]`;
  const members = Object.entries(value).map(([name, part]) => `readonly ${text(name)}: ${literalType(part)}`);
  return members.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${members.join('; ')} }`;
}

function joined(parts: readonly string[], by: '|' | '&', nothing: string): string {
  const different = [...new Set(parts)];
  if (by === '|' && different.includes('unknown')) return 'unknown';
  if (different.length < 2) return different[0] ?? nothing;
  return `(${different.join(` ${by} `)})`;
}

function inParentheses(type: string): string {
  return /^[\w.]+$/.test(type) || /^[({]/.test(type) ? type : `(${type})`;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A scalar as text of TypeScript. */
function text(value: Json): string {
  return escapeText(JSON.stringify(value));
}
