import { Document, isMap, isScalar, isSeq, type Node, Scalar, visit, type YAMLMap } from 'yaml';
import type { Json } from '../../protocol/index.js';
import type { Draft } from './draft.js';

/** A scenario that is to be written. */
export interface WrittenScenario {
  /** Path or URL of the schema, for editors. */
  readonly schema: string;
  /** Lines of comment below that. */
  readonly remarks: readonly string[];
  readonly id: string;
  readonly title: string;
  readonly rules: readonly string[];
  readonly clients: Readonly<Record<string, Json>>;
  /** In their order. */
  readonly steps: readonly Draft[];
}

/** Columns that a short step may take. */
const WIDTH = 140;

/** Writes a scenario as YAML: a short step in one line, and above it when it was seen. */
export function writeScenario({ schema, remarks, id, title, rules, clients, steps }: WrittenScenario): string {
  const [rule] = rules;
  const document = new Document({ id, title, rule: rules.length === 1 ? rule : rules, level: 'must' });
  document.commentBefore = [` yaml-language-server: $schema=${schema}`, ...remarks.map((line) => ` ${line}`)].join('\n');
  if (Object.keys(clients).length > 0) document.set('clients', document.createNode(clients));
  const written = steps.map(({ word, args }) => document.createNode({ [word]: args }));
  for (const [index, node] of written.entries()) {
    const moment = momentOf(steps[index] as Draft);
    if (index === 0 || moment !== momentOf(steps[index - 1] as Draft)) node.commentBefore = ` ${moment}`;
  }
  document.set('steps', document.createNode(written));
  inLine(document.get('rule', true), Number.POSITIVE_INFINITY);
  if (isMap(document.get('clients', true))) for (const { value } of (document.get('clients', true) as YAMLMap).items) inLine(value, WIDTH);
  for (const node of written) inLine(isMap(node) ? node.items[0]?.value : node, WIDTH - 20);
  quote(document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true, directives: false });
}

function momentOf({ atMs }: Draft): string {
  return `${(atMs / 1000).toFixed(3)} s`;
}

/** Puts a list or map into one line where it fits, else its parts. */
function inLine(node: unknown, width: number): void {
  if (!isMap(node) && !isSeq(node)) return;
  if (isShort(node, width)) {
    node.flow = true;
    return;
  }
  for (const part of isMap(node) ? node.items.map(({ value }) => value) : node.items) inLine(part, width - 4);
}

function isShort(node: Node, width: number): boolean {
  return JSON.stringify(node.toJSON()).length + 4 <= width;
}

/** Single quotes keep JSON readable; what has other characters than one sees stands in double ones, where escapes are read. */
function quote(document: Document): void {
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string' || !isScalar(node)) return;
      if (!/^[\x20-\x7e\u00a1-\u061b\u061d-\u1fff\u2030-\ud7ff\ue000-\ufefe]*$/.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
      else if (key === 'key') return;
      else if (/["\\]/.test(node.value)) node.type = Scalar.QUOTE_SINGLE;
      else if (/[${}]/.test(node.value) || /^[\d.+-]/.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
}
