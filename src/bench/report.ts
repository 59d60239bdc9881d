import type { ChalkInstance } from 'chalk';
import { type BenchResult, type Distribution, type Mishap, SAMPLES_BEYOND } from './result.js';

const PERCENTILES = ['p50', 'p90', 'p99', 'p999', 'max'] as const;
const HEADINGS = { p50: 'p50', p90: 'p90', p99: 'p99', p999: 'p99.9', max: 'max' } as const;
const LABEL_WIDTH = 15;
const FIGURE_WIDTH = 11;

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
    verdict(result, pen),
    '',
  ].join('\n');
}

function head({ options }: BenchResult, pen: ChalkInstance): string[] {
  const warmUp = options.warmUpMs === 0 ? '' : ` after ${seconds(options.warmUpMs)} to warm up`;
  return [
    `${pen.bold('wsn bench')} ${pen.cyan(options.url)}`,
    pen.dim(
      `${integer(options.subscribers)} subscribers · ${integer(options.channels)} channels · ` +
        `${integer(options.rate)} notifications/s for ${seconds(options.durationMs)}${warmUp}`,
    ),
    pen.dim(`${integer(options.sizeBytes)} bytes · ${options.publishers} publisher · base subscribers · seed ${options.seed}`),
  ];
}

function amounts({ sent, deliveries, options }: BenchResult, pen: ChalkInstance): string[] {
  const warmUp = sent.warmUp === 0 ? '' : `, after ${integer(sent.warmUp)} to warm up`;
  return [
    name('sent') + figure(integer(sent.measured)) + pen.dim(`  at ${rate(sent.ratePerSecond)}, planned ${rate(options.rate)}${warmUp}`),
    name('delivered') +
      figure(integer(deliveries.delivered)) +
      pen.dim(`  of ${integer(deliveries.expected)} in all, `) +
      rate(deliveries.perSecond) +
      pen.dim(' while measuring'),
  ];
}

function faults({ deliveries, refused, unanswered, disconnected }: BenchResult, { pen, safe }: ReportStyle): string[] {
  const fault = (label: string, { count, first }: Mishap) => {
    const because = first === undefined ? '' : `  first: ${safe(first)}`;
    return `${name(label)}${(count === 0 ? pen.green : pen.red)(figure(integer(count)))}${because}`;
  };
  const always = ['lost', 'duplicated', 'misdelivered', 'reordered', 'corrupt'] as const;
  const others = [
    { label: 'refused', mishap: refused },
    { label: 'unanswered', mishap: { count: unanswered } },
    { label: 'disconnected', mishap: disconnected },
  ];
  return [
    ...always.map((kind) => fault(kind, { count: deliveries[kind] })),
    ...others.filter(({ mishap }) => mishap.count > 0).map(({ label, mishap }) => fault(label, mishap)),
  ];
}

function times({ latencyMs, latenessMs }: BenchResult, pen: ChalkInstance): string[] {
  const headings = name('ms') + PERCENTILES.map((percentile) => figure(HEADINGS[percentile])).join('');
  const figures = (label: string, distribution: Distribution, about: string) =>
    name(label) + PERCENTILES.map((percentile) => figure(milliseconds(distribution[percentile]))).join('') + pen.dim(`  ${about}`);
  const isPartial = PERCENTILES.some((percentile) => latencyMs[percentile] === null || latenessMs[percentile] === null);
  return [
    pen.dim(headings),
    figures('latency', latencyMs, `planned to received, ${integer(latencyMs.samples)} samples`),
    figures('lateness', latenessMs, `planned to sent, ${integer(latenessMs.samples)} samples`),
    ...(isPartial ? [pen.dim(`– fewer than ${SAMPLES_BEYOND} samples lie beyond it: a longer run would show it`)] : []),
  ];
}

function verdict(result: BenchResult, pen: ChalkInstance): string {
  if (result.ok) return pen.green('✓ every delivery came once, whole, in order, and only where it was wanted');
  const { lost, duplicated, misdelivered, reordered, corrupt } = result.deliveries;
  const isRight = lost + duplicated + misdelivered + reordered + corrupt + result.refused.count + result.disconnected.count === 0;
  if (isRight && result.aborted)
    return pen.yellow('! interrupted: the figures are of what was sent until then, of which nothing went wrong');
  return pen.red(`✗ not everything came once, whole, in order, and only where it was wanted${result.aborted ? '; interrupted' : ''}`);
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
