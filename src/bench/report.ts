import type { ChalkInstance } from 'chalk';
import { type BenchResult, type Distribution, type Mishap, SAMPLES_BEYOND } from './result.js';

const PERCENTILES = ['p50', 'p90', 'p99', 'p999', 'max'] as const;
const HEADINGS = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99.9', max: 'max' } as const;
const LABEL_WIDTH = 13;
const FIGURE_WIDTH = 11;

/** What a broker said is wrapped at so many columns, indented by 6: a report fits a terminal of 80. */
const REASON_WIDTH = 72;

/** How a report is written. */
export interface ReportStyle {
  readonly pen: ChalkInstance;
  /** Makes what a broker said safe for a terminal. */
  readonly safe: (text: string) => string;
}

/** The result for people: aligned columns, one line for each kind of fault, a verdict at the end. */
export function renderReport(result: BenchResult, style: ReportStyle): string {
  const { pen } = style;
  return [
    ...head(result, pen),
    '',
    ...amounts(result, pen),
    '',
    ...faults(result, style),
    '',
    ...times(result, pen),
    '',
    ...result.warnings.map((warning) => pen.yellow(`! ${warning}`)),
    ...verdict(result, pen),
    '',
  ].join('\n');
}

function head({ options }: BenchResult, pen: ChalkInstance): string[] {
  const warmUp = options.warmUpMs === 0 ? '' : ` after ${seconds(options.warmUpMs)} to warm up`;
  return [
    `${pen.bold('wsn bench')} ${pen.cyan(options.url)}`,
    pen.dim(
      `${integer(options.subscribers)} subscribers · ${integer(options.channels)} channels · ${integer(options.rate)} notifications/s`,
    ),
    pen.dim(`${seconds(options.durationMs)}${warmUp} · ${integer(options.sizeBytes)} bytes`),
    pen.dim(`${options.publishers} publisher · base subscribers · seed ${options.seed}`),
  ];
}

function amounts({ sent, deliveries, options }: BenchResult, pen: ChalkInstance): string[] {
  const { measured, planned, ratePerSecond } = sent;
  return [
    ...(sent.warmUp === 0 ? [] : [name('warm-up') + figure(integer(sent.warmUp)) + pen.dim('  sent before')]),
    name('sent') +
      figure(integer(measured)) +
      pen.dim(`  of ${integer(planned)}, at ${rate(ratePerSecond)}, planned ${rate(options.rate)}`),
    name('delivered') +
      figure(integer(deliveries.delivered)) +
      pen.dim(`  of ${integer(deliveries.expected)} in all, `) +
      rate(deliveries.perSecond) +
      pen.dim(' measured'),
  ];
}

function faults({ deliveries, refused, unknown, unanswered, disconnected }: BenchResult, { pen, safe }: ReportStyle): string[] {
  const fault = (label: string, { count, first }: Mishap) => {
    const because = first === undefined ? [] : wrap(`first: ${safe(first)}`).map((line) => `      ${line}`);
    return [`${name(label)}${(count === 0 ? pen.green : pen.red)(figure(integer(count)))}`, ...because];
  };
  const always = ['lost', 'duplicated', 'misdelivered', 'reordered', 'corrupt'] as const;
  const others = [
    { label: 'refused', mishap: refused },
    { label: 'unknown', mishap: unknown },
    { label: 'unanswered', mishap: { count: unanswered } },
    { label: 'disconnected', mishap: disconnected },
  ];
  return [
    ...always.flatMap((kind) => fault(kind, { count: deliveries[kind] })),
    ...others.filter(({ mishap }) => mishap.count > 0).flatMap(({ label, mishap }) => fault(label, mishap)),
  ];
}

function times({ latencyMs, latenessMs }: BenchResult, pen: ChalkInstance): string[] {
  const headings = name('ms') + PERCENTILES.map((percentile) => figure(HEADINGS[percentile])).join('');
  const figures = (label: string, distribution: Distribution) =>
    name(label) + PERCENTILES.map((percentile) => figure(milliseconds(distribution[percentile]))).join('');
  const samples = (distribution: Distribution) => `${integer(distribution.samples)} samples`;
  const isPartial = PERCENTILES.some((percentile) => latencyMs[percentile] === null || latenessMs[percentile] === null);
  return [
    pen.dim(headings),
    figures('latency', latencyMs),
    figures('lateness', latenessMs),
    pen.dim(`  latency: planned to received, ${samples(latencyMs)}`),
    pen.dim(`  lateness: planned to sent, ${samples(latenessMs)}`),
    ...(isPartial ? [pen.dim(`  –: fewer than ${SAMPLES_BEYOND} samples lie beyond it: a longer run would show it`)] : []),
  ];
}

/** Why it ended early, and whether what was sent came as it should. */
function verdict(result: BenchResult, pen: ChalkInstance): string[] {
  if (result.ok) return [pen.green('✓ every delivery came once, whole, in order, and only where it was wanted')];
  const { interrupted, brokerGone, sent, refused, unknown, unanswered, disconnected } = result;
  const { lost, duplicated, misdelivered, reordered, corrupt } = result.deliveries;
  const faulty = lost + duplicated + misdelivered + reordered + corrupt;
  const isRight = faulty + refused.count + unknown.count + unanswered + disconnected.count === 0;
  const part = `sent ${integer(sent.measured)} of ${integer(sent.planned)}`;
  return [
    ...(brokerGone ? [pen.red(`✗ the broker was gone before the end: ${part}`)] : []),
    ...(interrupted ? [pen.yellow(`! interrupted: ${part}${isRight ? '; of these nothing went wrong' : ''}`)] : []),
    ...(isRight ? [] : [pen.red('✗ not everything came once, whole, in order, and only where it was wanted')]),
  ];
}

/** Lines of at most `REASON_WIDTH`, broken between words where that is possible. */
function wrap(text: string): string[] {
  return text.match(new RegExp(`\\S.{0,${REASON_WIDTH - 1}}(?=\\s|$)|\\S{1,${REASON_WIDTH}}`, 'g')) ?? [];
}

function name(label: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}`;
}

function figure(text: string): string {
  return text.padStart(FIGURE_WIDTH);
}

function integer(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

function rate(value: number | null): string {
  return value === null ? '–' : `${integer(value)}/s`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toLocaleString('en-US')} s`;
}

function milliseconds(value: number | null): string {
  if (value === null) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: value < 10 ? 2 : 1, maximumFractionDigits: value < 10 ? 2 : 1 });
}
