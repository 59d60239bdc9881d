import type { ChalkInstance } from 'chalk';
import { duration, integer, milliseconds, percent, UNKNOWN } from '../numbers.js';
import type { Progress } from '../result/progress.js';
import type { Phase } from '../result/result.js';
import { progressBar } from './bars.js';
import { faultPieces, type Piece, recoveryPieces, sentPieces, subscriberPieces } from './live-pieces.js';
import { sparkline } from './sparkline.js';

/** Where a run is shown while it lasts. */
export interface LiveStyle {
  readonly pen: ChalkInstance;
  readonly columns: number;
  readonly rows: number;
  /** What this run is one of, as the trials of a search; `undefined` where it is the only one. */
  readonly title: string | undefined;
}

const PHASES: readonly Phase[] = ['ramp', 'warm-up', 'hold', 'drain'];
const LABEL_WIDTH = 13;
const WIDEST_BAR = 40;
/** Below so many columns figures do not stand beneath each other. */
const NARROW = 40;

/** A line, and how much it is needed: where there are too few rows, the lines with the highest number are left out, those of one number together. */
interface Line {
  readonly text: string;
  readonly rank: number;
}

/**
 * How far a run is, in lines that are narrower than the terminal and fewer than its rows, so that it neither wraps nor scrolls.
 * What does not fit is left out: whole lines, and in a line whole figures from its end.
 */
export function liveScreen(progress: Progress, style: LiveStyle): string {
  const { pen } = style;
  const { lastSecondMs, wholeMs } = progress;
  const line = (rank: number, label: string, pieces: readonly Piece[]): Line => ({ rank, text: joined(label, pieces, style) });
  const lines: Line[] = [
    ...(style.title === undefined ? [] : [line(2, '', [{ text: style.title, paint: pen.bold }])]),
    { rank: 7, text: phasesLine(progress, style) },
    { rank: 0, text: phaseLine(progress, style) },
    line(4, 'subscribers', painted(subscriberPieces(progress), pen)),
    line(3, 'sent', painted(sentPieces(progress), pen)),
    line(1, 'deliveries', deliveryPieces(progress, style)),
    line(8, 'under way', [{ text: integer(progress.outstanding) }]),
    line(5, 'latency, ms', [{ text: HEADINGS, paint: pen.dim }]),
    line(5, 'last second', [{ text: latencyText(lastSecondMs) }]),
    line(6, 'all', [{ text: latencyText(wholeMs) }]),
    line(
      2.5,
      'faults',
      faultPieces(progress).map(({ text, isBad }) => ({ text, paint: isBad ? pen.red : pen.dim })),
    ),
    ...(progress.recovery === null ? [] : [line(2.7, 'recovery', painted(recoveryPieces(progress), pen))]),
    line(3.5, 'generator', generatorPieces(progress, pen)),
  ];
  const room = Math.max(1, style.rows - 1);
  const most = [...lines].sort((a, b) => a.rank - b.rank)[room]?.rank ?? Number.POSITIVE_INFINITY;
  return lines
    .filter(({ rank }) => rank < most)
    .map(({ text }) => text)
    .join('\n');
}

const FIGURE_WIDTH = 8;
const HEADINGS = ['p50', 'p99', 'max'].map((heading) => heading.padStart(FIGURE_WIDTH)).join('');

function latencyText(latency: Progress['wholeMs']): string {
  if (latency === null) return UNKNOWN.padStart(FIGURE_WIDTH);
  return [latency.p50, latency.p99, latency.max].map((value) => milliseconds(value).padStart(FIGURE_WIDTH)).join('');
}

/** `✓ ramp  ✓ warm-up  ● hold  ○ drain` */
function phasesLine({ phase }: Progress, style: LiveStyle): string {
  const { pen } = style;
  const now = PHASES.indexOf(phase);
  const pieces = PHASES.map((name, index): Piece => {
    if (index === now) return { text: `● ${name}`, paint: pen.cyan };
    return index < now ? { text: `✓ ${name}`, paint: pen.green } : { text: `○ ${name}`, paint: pen.dim };
  });
  return joined('', pieces, style);
}

/** The phase with a bar and what is left of it. */
function phaseLine({ phase, elapsedMs, totalMs }: Progress, style: LiveStyle): string {
  const { pen, columns } = style;
  const left = totalMs === null ? duration(elapsedMs) : `${duration(Math.max(0, Math.ceil((totalMs - elapsedMs) / 100) * 100))} left`;
  const width = Math.min(WIDEST_BAR, columns - 1 - LABEL_WIDTH - left.length - 2);
  if (totalMs === null || totalMs <= 0 || width < 4) return joined(phase, [{ text: left }], style);
  const { done, left: rest } = progressBar(elapsedMs / totalMs, width);
  return `${phase.padEnd(LABEL_WIDTH)}${pen.cyan(done)}${pen.dim(rest)}  ${left}`;
}

function deliveryPieces({ delivered, perSecond }: Progress, { pen, columns }: LiveStyle): Piece[] {
  const rate = perSecond.at(-1);
  const now = rate === undefined ? [] : [{ text: `${integer(rate)}/s`, paint: pen.bold }];
  const all = { text: `${integer(delivered)} in all` };
  const beside = [...now, all].reduce((sum, { text }) => sum + text.length + SEPARATOR.length, 0);
  const line = sparkline(perSecond, columns - 1 - LABEL_WIDTH - beside);
  return [...(line.length < 3 ? [] : [{ text: line, paint: pen.cyan }]), ...now, all];
}

function generatorPieces({ generator }: Progress, pen: ChalkInstance): Piece[] {
  const { trouble, loopDelayMs, cpuShare, backlogMs } = generator;
  return [
    trouble === null ? { text: 'healthy', paint: pen.green } : { text: trouble, paint: pen.red },
    { text: `loop ${milliseconds(loopDelayMs)} ms` },
    { text: `CPU ${percent(Math.round(cpuShare * 100) / 100)}` },
    ...(backlogMs === null ? [] : [{ text: `unread ${milliseconds(backlogMs)} ms` }]),
  ];
}

function painted(pieces: readonly (Piece & { readonly isBad?: boolean })[], pen: ChalkInstance): Piece[] {
  return pieces.map(({ text, isBad }) => (isBad ? { text, paint: pen.red } : { text }));
}

const SEPARATOR = ' · ';

/** A label and as many pieces as fit; a first one that does not is cut. */
function joined(label: string, pieces: readonly Piece[], { columns }: LiveStyle): string {
  const widest = columns - 1;
  const start = label === '' ? '' : columns < NARROW ? `${label} ` : label.padEnd(LABEL_WIDTH);
  let width = start.length;
  let text = start;
  for (const [index, { text: piece, paint = (same: string) => same }] of pieces.entries()) {
    const before = index === 0 ? '' : SEPARATOR;
    if (width + before.length + piece.length > widest) {
      return index === 0 ? `${(start + piece).slice(0, Math.max(0, widest - 1))}…` : text;
    }
    width += before.length + piece.length;
    text += before + paint(piece);
  }
  return text;
}
