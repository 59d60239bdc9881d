import { formatFileError } from '../../document/index.js';
import type { CaseResult, Failure } from '../result.js';
import type { ReportStyle } from './report-style.js';
import { wireLines } from './wire-lines.js';
import { nameOf, rulesText } from './wording.js';

/**
 * A failed case for people: what it is, the place in its file, what was expected and what came, and the last that went over the wire.
 * @param failure of `result.outcome`.
 */
export function failureLines(result: CaseResult, failure: Failure, style: ReportStyle): string[] {
  const { pen, safe } = style;
  const { title, rules, level } = result.case;
  const isNoted = level === 'info';
  const mark = isNoted ? pen.yellow('!') : pen.red('✗');
  const broken = failure.rule === undefined ? [] : [`breaks ${safe(rulesText([failure.rule]))}`];
  const about = [safe(rulesText(rules)), ...broken, ...(isNoted ? ['level info, no failure of the run'] : [])].join('; ');
  const details = failureDetails(result, failure, style).map((line) => (line === '' ? '' : `  ${line}`));
  return [`${mark} ${pen.bold(safe(nameOf(result)))}  ${safe(title)}  ${pen.dim(`(${about})`)}`, ...details];
}

/** The same without its heading, not indented: for a report that has a heading of its own. */
export function failureDetails({ case: { source, row }, wire }: CaseResult, failure: Failure, style: ReportStyle): string[] {
  const { pen, safe } = style;
  const [message = '', ...excerpt] = formatFileError(source, { path: source.path, ...failure }).split('\n');
  return [
    ...(row === undefined ? [] : [pen.dim(`with ${safe(JSON.stringify(row))}`)]),
    safe(message),
    ...excerpt.map((line) => pen.dim(safe(line))),
    ...block('expected', failure.expected, style),
    ...block('actual', failure.actual, style),
    ...wireLines(wire, style),
  ];
}

/** A label, and text of one or several lines aligned behind it. */
function block(label: 'expected' | 'actual', text: string, { pen, safe }: ReportStyle): string[] {
  if (text === '') return [];
  const ink = label === 'expected' ? pen.green : pen.red;
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => `${(index === 0 ? label : '').padEnd(8)}  ${ink(safe(line))}`);
}
