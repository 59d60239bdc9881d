import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Located, LocatedEntry } from './located.js';
import type { Place } from './place.js';
import type { Complaint } from './shape.js';
import { plainYamlError } from './yaml-error.js';

/** A file as it was read; without a root where the YAML is broken. */
export interface ReadYaml {
  readonly root: Located | undefined;
  readonly complaints: readonly Complaint[];
}

/**
 * Reads YAML 1.2 (core schema) as what JSON can say, with the place of every value. Numbers are doubles. Anchors, aliases, tags,
 * `.nan` and `.inf`, names that stand twice and several documents are refused. Of broken YAML only the first error is told: those
 * behind it are most often its consequences.
 */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parse(text, lines);
  const placeAt = placer(text, lines);
  if (document === undefined) return { root: undefined, complaints: [{ message: 'nested too deep', place: placeAt(0, 1) }] };
  const isTold = document.errors.filter((error, index) => index === 0 || error.code === 'DUPLICATE_KEY');
  if (isTold.length > 0) {
    const complaints = isTold.map((error) => plainYamlError({ error, text, document }));
    return { root: undefined, complaints: complaints.map(({ message, from, to }) => ({ message, place: placeAt(from, to) })) };
  }
  const refused = refusals(document).map(({ message, node }) => ({ message, place: placeOf(node, placeAt) }));
  if (refused.length > 0) return { root: undefined, complaints: refused };
  return { root: locate(document.contents, placeAt, placeAt(0, 1)), complaints: [] };
}

type PlaceAt = (from: number, to: number) => Place;

function parse(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, version: '1.2', schema: 'core' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Makes places of offsets; one that goes over several lines ends with its first. */
function placer(text: string, lines: LineCounter): PlaceAt {
  return (from, to) => {
    const { line, col } = lines.linePos(from);
    const found = text.slice(from, to).split(/\r?\n/, 1)[0]?.trimEnd() ?? '';
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, found.length) };
  };
}

function placeOf(node: Node, placeAt: PlaceAt): Place {
  const [from, to] = node.range ?? [0, 1];
  return placeAt(from, to);
}

/** What YAML can say and JSON cannot. */
function refusals(document: Document.Parsed): readonly { message: string; node: Node }[] {
  const found: { message: string; node: Node }[] = [];
  if (document.directives.yaml.explicit && document.contents !== null) {
    found.push({ message: 'found a %YAML directive, expected none: the file is YAML 1.2', node: document.contents });
  }
  visit(document, {
    Node: (_, node) => {
      const refusal = refusalOf(node);
      if (refusal !== undefined) found.push({ message: refusal, node });
    },
  });
  return found;
}

function refusalOf(node: Node): string | undefined {
  if (isAlias(node)) return `found the alias *${node.source}, expected no anchors and aliases: write the value out`;
  if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
    return `found the anchor &${node.anchor}, expected no anchors and aliases: write the value out`;
  }
  if (node.tag !== undefined) return `found the tag ${node.tag}, expected no tags: put what begins with "!" in quotes`;
  if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) {
    return `found ${node.source}, which is no number of JSON: put it in quotes`;
  }
  return undefined;
}

/** @param around where the value would stand if it is left out. */
function locate(node: unknown, placeAt: PlaceAt, around: Place): Located {
  if (isScalar(node)) return { kind: 'scalar', value: scalarOf(node.value), place: placeOf(node, placeAt) };
  if (isSeq(node)) {
    const place = placeOf(node, placeAt);
    return { kind: 'list', items: node.items.map((item) => locate(item, placeAt, place)), place };
  }
  if (!isMap(node)) return { kind: 'scalar', value: null, place: around };
  const entries = node.items.map(({ key, value }): LocatedEntry => {
    const keyPlace = isScalar(key) ? placeOf(key, placeAt) : around;
    return { key: isScalar(key) ? String(key.value) : '', keyPlace, value: locate(value, placeAt, keyPlace) };
  });
  return { kind: 'map', entries, place: placeOf(node, placeAt) };
}

/** The core schema makes nothing else of a scalar. */
function scalarOf(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
