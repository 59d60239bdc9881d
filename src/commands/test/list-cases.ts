import type { ChalkInstance } from 'chalk';
import type { Case } from '../../scenario/scenario.js';
import { escapeText } from '../terminal/escape-text.js';

/** What would be run, a line each, in columns: id, level, rules, title. */
export function listLines(cases: readonly Case[], pen: ChalkInstance): string[] {
  const idWidth = Math.max(0, ...cases.map(({ id }) => id.length));
  const ruleWidth = Math.max(0, ...cases.map(({ rules }) => rules.join(' ').length));
  return cases.map(({ id, level, rules, title }) => {
    const columns = [pen.bold(id.padEnd(idWidth)), level.padEnd(6), pen.cyan(rules.join(' ').padEnd(ruleWidth)), escapeText(title)];
    return columns.join('  ');
  });
}

/** The same as NDJSON. */
export function listJson(cases: readonly Case[]): string[] {
  return cases.map(({ id, scenario, level, rules, title, source, place, row }) => {
    const at = { file: source.path, line: place.line, column: place.column };
    return JSON.stringify({ type: 'case', id, scenario, level, rules, title, ...at, ...(row === undefined ? {} : { row }) });
  });
}
