import { isObject, type Json } from '../../protocol/index.js';
import { escapeText } from '../terminal/escape-text.js';

/** The title and the description of a schema as a comment, with a line end; empty where there are none. */
export function docComment(schema: Json, indent: string): string {
  if (!isObject(schema)) return '';
  const { title, description, deprecated } = schema;
  const texts = [title, description].filter((text): text is string => typeof text === 'string' && text.trim() !== '');
  const lines = texts.flatMap((text) => text.trim().split(/\r?\n/)).map((line) => escapeText(line.trimEnd()).replaceAll('*/', '*\\/'));
  if (deprecated === true) lines.push('@deprecated');
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
