import type { ChalkInstance } from 'chalk';
import type { Reason } from '../../protocol/index.js';
import { escapeText } from '../terminal/escape-text.js';

/**
 * The lines that show a reason and, indented below it, those that decided it, with their hints.
 * @param title stands in front of the first sentence instead of what the root compared.
 */
export function reasonLines(reason: Reason, title: string, pen: ChalkInstance): string[] {
  return [
    `${mark(reason, pen)} ${title === '' ? '' : `${pen.bold(title)} `}${escapeText(reason.because)}`,
    ...hintLines(reason, 1, pen),
    ...partLines(reason, 1, pen),
  ];
}

function partLines(reason: Reason, depth: number, pen: ChalkInstance): string[] {
  const width = Math.max(0, ...reason.parts.map((part) => escapeText(part.what).length));
  return reason.parts.flatMap((part) => {
    const what = escapeText(part.what).padEnd(width);
    const line = `${'  '.repeat(depth)}${mark(part, pen)} ${pen.cyan(what)}  ${escapeText(part.because)}`;
    return [line, ...hintLines(part, depth + 1, pen), ...partLines(part, depth + 1, pen)];
  });
}

function hintLines(reason: Reason, depth: number, pen: ChalkInstance): string[] {
  return reason.hint === undefined ? [] : [`${'  '.repeat(depth)}${pen.yellow(`hint: ${escapeText(reason.hint)}`)}`];
}

function mark(reason: Reason, pen: ChalkInstance): string {
  return reason.accepted ? pen.green('✓') : pen.red('✗');
}
