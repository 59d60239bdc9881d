import type { Outcome } from '../result.js';
import type { Difference, FrameDifference } from '../run/compare.js';
import type { ReportStyle } from './report-style.js';
import { rulesText } from './wording.js';

/** Two servers that were compared. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** How many cases there are in all. */
  readonly cases: number;
  /** The two servers, as they may be shown. */
  readonly servers: readonly [string, string];
  readonly durationMs: number;
  readonly isComplete: boolean;
}

/** Whether both servers were asked; a case that one of them cannot be asked says nothing. */
export function isComparable({ outcomes }: Difference): boolean {
  return outcomes.every(({ kind }) => kind !== 'skipped');
}

/** What two servers did differently: case by case, client by client, frame by frame, `-` the first and `+` the second. */
export function differenceLines({ differences, cases, servers, durationMs, isComplete }: Comparison, style: ReportStyle): string[] {
  const { pen, safe } = style;
  const different = differences.filter(isComparable);
  const others = differences.length - different.length;
  const compared = `${different.length} of ${cases} cases ${different.length === 1 ? 'differs' : 'differ'}`;
  const skipped = others === 0 ? '' : `, ${others} not compared because one server cannot be asked`;
  const verdict = `${compared}${skipped} in ${(durationMs / 1000).toFixed(1)} s`;
  return [
    ...different.flatMap((difference) => [...caseLines(difference, style), '']),
    `${pen.red('-')} ${safe(servers[0])}`,
    `${pen.green('+')} ${safe(servers[1])}`,
    ...(isComplete ? [] : [pen.yellow('The run was ended before all cases had been compared.')]),
    pen.bold(different.length === 0 && isComplete ? pen.green(verdict) : pen.yellow(verdict)),
  ];
}

/** The same as NDJSON: a `difference` each, then a `summary`. */
export function differenceJson({ differences, ...rest }: Comparison): string[] {
  const lines = differences.map(({ case: { id, scenario, title, rules, level }, outcomes, frames }) => {
    return JSON.stringify({ type: 'difference', id, scenario, title, rules, level, outcomes, frames });
  });
  return [...lines, JSON.stringify({ type: 'summary', different: differences.filter(isComparable).length, ...rest })];
}

function caseLines({ case: { id, title, rules }, outcomes, frames }: Difference, style: ReportStyle): string[] {
  const { pen, safe } = style;
  const clients = [...new Set(frames.map(({ client }) => client))];
  return [
    `${pen.yellow('≠')} ${pen.bold(safe(id))}  ${safe(title)}  ${pen.dim(`(${safe(rulesText(rules))})`)}`,
    ...(outcomes[0].kind === outcomes[1].kind ? [] : pair(outcomes.map(outcomeText), '  ', style)),
    ...clients.flatMap((client) => {
      const those = frames.filter((frame) => frame.client === client);
      return [`  ${pen.bold(safe(client))}`, ...those.flatMap((frame) => frameLines(frame, style))];
    }),
  ];
}

function frameLines({ number, frames }: FrameDifference, style: ReportStyle): string[] {
  return pair(
    frames.map((frame) => (frame === undefined ? 'nothing' : frame)),
    `    ${String(number).padStart(3)} `,
    style,
  );
}

/** Two lines, the number of the frame in front of the first. */
function pair(texts: readonly string[], start: string, { pen, safe, columns }: ReportStyle): string[] {
  const room = Math.max(20, columns - start.length - 2);
  return texts.map((text, index) => {
    const whole = safe(text);
    const shown = whole.length <= room ? whole : `${[...whole].slice(0, room - 1).join('')}…`;
    return index === 0 ? `${start}${pen.red('-')} ${shown}` : `${' '.repeat(start.length)}${pen.green('+')} ${shown}`;
  });
}

function outcomeText(outcome: Outcome): string {
  return 'failure' in outcome ? `${outcome.kind}: ${outcome.failure.message}` : outcome.kind;
}
