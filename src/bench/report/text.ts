import type { BenchResult } from '../result/result.js';
import { sideBySide } from './columns.js';
import type { ReportStyle } from './style.js';
import { connectionLines, deliveryLines, notificationLines, recoveryLines } from './text-counts.js';
import { headLines, lastLine } from './text-head.js';
import { healthLines } from './text-health.js';
import { histogramLines } from './text-histogram.js';
import { regressionLines, thresholdLines } from './text-outcomes.js';
import { remarkLines } from './text-remarks.js';
import { slowestLines, timeLines } from './text-times.js';

/** From this width on there are two columns. */
const WIDE = 116;
const WIDEST = 150;
const GAP = 4;

/**
 * The result for people, ending with a line break: what was run, the verdict and its reasons, thresholds, deliveries, percentiles,
 * the shape of the latency, who was connected, how the generator fared. Without colours no line is wider than `columns`,
 * if that is at least 60.
 */
export function renderText(result: BenchResult, style: ReportStyle): string {
  const body = style.columns < WIDE ? narrowBody(result, style) : wideBody(result, style);
  const blocks = [headLines(result, style), ...body, regressionLines(result.regression, style), remarkLines(result, style)];
  return `${[...stack(blocks), '', lastLine(result, style)].join('\n')}\n`;
}

function narrowBody(result: BenchResult, style: ReportStyle): string[][] {
  return [
    thresholdLines(result, style),
    deliveryLines(result, style),
    recoveryLines(result, style),
    timeLines(result, style),
    histogramLines(result, style),
    slowestLines(result, style),
    notificationLines(result, style),
    connectionLines(result, style),
    healthLines(result, style),
  ];
}

function wideBody(result: BenchResult, style: ReportStyle): string[][] {
  const width = Math.floor((Math.min(WIDEST, style.columns) - GAP) / 2);
  const half = { ...style, columns: width };
  const left = [
    thresholdLines(result, half),
    deliveryLines(result, half),
    recoveryLines(result, half),
    notificationLines(result, half),
    connectionLines(result, half),
  ];
  const right = [histogramLines(result, half), slowestLines(result, half), healthLines(result, half)];
  return [timeLines(result, style), sideBySide(stack(left), stack(right), width + GAP)];
}

/** Blocks with an empty line between them, the empty ones left out. */
function stack(blocks: readonly (readonly string[])[]): string[] {
  return blocks.filter(({ length }) => length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}
