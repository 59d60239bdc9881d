import { integer, milliseconds } from '../../numbers.js';
import { type BenchResult, type Distribution, PERCENTILES } from '../../result/result.js';
import { type Cell, plotHtml, tableHtml } from './markup.js';
import type { Plots } from './plots.js';

/** The lines of a table of distributions, from top to bottom. */
export const ROWS = ['min', 'mean', ...(Object.keys(PERCENTILES) as (keyof typeof PERCENTILES)[]), 'max'] as const;
type Row = (typeof ROWS)[number];

/** The distribution of latencies: a plot over percentiles, and the same in figures. */
export function latencyHtml(result: BenchResult, plots: Plots): string {
  const { latencyMs, latenessMs, regression, recovery } = result;
  const before = regression?.baseline.latencyMs;
  const columns = [
    'latency',
    ...(before === undefined ? [] : ['baseline']),
    'lateness',
    ...(recovery === undefined ? [] : ['recovered', 'resume']),
  ];
  const rows = ROWS.map((row): Cell[] => [
    rowName(row),
    `${milliseconds(latencyMs[row])}${marginText(latencyMs.margin, row)}`,
    ...(before === undefined ? [] : [`${milliseconds(before[row])}${marginText(before.margin, row)}`]),
    { text: milliseconds(latenessMs[row]), tone: 'quiet' },
    ...(recovery === undefined ? [] : [milliseconds(recovery.latencyMs[row]), milliseconds(recovery.resumeMs[row])]),
  ]);
  const plot = plotHtml({
    id: 'percentiles',
    label: `Latency over percentiles${before === undefined ? '' : ', this run and the baseline'}: ${summary(latencyMs)}`,
    text: 'Latency in ms over percentiles, on an axis of 1 / (1 − p): the further right, the rarer. The marks at 50 and 99 are 95 % intervals.',
  });
  return `<section>
<h2>Latency</h2>
<p>From the planned moment of a notification to its receipt by one subscriber, of ${integer(latencyMs.samples)} deliveries. Lateness is how long after that moment the generator sent it. A percentile is given only where at least ten samples lie beyond it.${recovery === undefined ? '' : ' Recovered deliveries waited for their subscribers and are told apart; a resume counts from when a subscriber asked.'}</p>
${plots.percentiles === null ? '<p class="empty">Too few deliveries for a plot.</p>\n' : plot}${tableHtml({
  caption: 'Latency and lateness in ms, with 95 % intervals',
  columns: [{ title: '', holds: 'words' }, ...columns.map((title) => ({ title, holds: 'figures' as const }))],
  rows,
})}</section>
`;
}

/** `p99.9`. */
export function rowName(row: Row): string {
  return row in PERCENTILES ? `p${PERCENTILES[row as keyof typeof PERCENTILES]}` : row;
}

/** For those who cannot see a plot. */
export function summary({ p50, p99, max }: Distribution): string {
  return `p50 ${milliseconds(p50)} ms, p99 ${milliseconds(p99)} ms, max ${milliseconds(max)} ms`;
}

function marginText(margin: BenchResult['latencyMs']['margin'], row: Row): string {
  const of = row === 'p50' || row === 'p99' ? margin[row] : null;
  return of === null ? '' : ` ± ${milliseconds(of)}`;
}
