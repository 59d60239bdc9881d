import { isObject, type Json } from '../../protocol/index.js';
import type { SchemaFile } from '../../server/schemas/schema-file.js';
import { escapeText } from '../terminal/escape-text.js';
import { docComment } from './doc-comment.js';
import { referenceTo, type Target } from './reference.js';
import { TypeNames } from './type-names.js';
import { typeOf } from './type-of.js';

/**
 * A TypeScript module with a type for the data of each topic, and `Data`, a map of them by package and page. Whatever fits
 * a schema fits its type; not the other way round, for what no type can say (a pattern, a minimum, `not`, `if`) is left out.
 * @param files of one folder, all of them good.
 */
export function printTypes(files: readonly SchemaFile[]): string {
  const names = new TypeNames();
  const waiting: Target[] = [];
  const known = new Set<string>();
  const name = (target: Target): string => {
    const key = `${target.file.path}#${target.pointer}`;
    if (!known.has(key)) waiting.push(target);
    known.add(key);
    return names.nameOf(key, wordsFor(target));
  };
  const topics = files.filter(({ topic }) => topic !== undefined);
  for (const file of topics) name({ file, pointer: '', schema: file.schema });
  const types: string[] = [];
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
    const { file, schema } = target;
    const refer = (ref: string): string => {
      const found = referenceTo(ref, file, files);
      return found === undefined ? 'unknown' : name(found);
    };
    types.push(`${docComment(schema, '')}export type ${name(target)} = ${typeOf(schema, { refer, indent: '' })};\n`);
  }
  return `// Made by \`wsn schema types\`: change the schemas instead.\n\n${types.join('\n')}\n${dataMap(topics, name)}`;
}

function dataMap(files: readonly SchemaFile[], name: (target: Target) => string): string {
  const packages = new Map<string, string[]>();
  for (const file of files) {
    if (file.topic === undefined) continue;
    const { package: folder, page } = file.topic;
    const line = `    readonly ${literal(page)}: ${name({ file, pointer: '', schema: file.schema })};\n`;
    packages.set(folder, [...(packages.get(folder) ?? []), line]);
  }
  const members = [...packages].map(([folder, lines]) => `  readonly ${literal(folder)}: {\n${lines.join('')}  };\n`);
  return `/** The data of notifications: \`Data['package']['page']\`. */\nexport interface Data {\n${members.join('')}}\n`;
}

/** A file by its topic, what is in it by its title or its place. */
function wordsFor({ file, pointer, schema }: Target): string {
  const { topic, path } = file;
  if (pointer === '' && topic !== undefined) return `${topic.package} ${topic.page}`;
  if (isObject(schema) && typeof schema.title === 'string') return schema.title;
  return pointer === '' ? path.replace(/\.json$/, '') : (pointer.split('/').at(-1) ?? '');
}

/** A value of JSON as text of TypeScript. */
function literal(value: Json): string {
  return escapeText(JSON.stringify(value));
}
