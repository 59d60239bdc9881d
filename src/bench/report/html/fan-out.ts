import { integer, milliseconds } from '../../numbers.js';
import type { BenchResult } from '../../result/result.js';
import { ROWS, rowName } from './latency.js';
import { plotHtml, tableHtml } from './markup.js';
import type { Plots } from './plots.js';

const COLUMNS = [
  ['first', 'first'],
  ['median', 'median'],
  ['p99', '99 %'],
  ['last', 'last'],
] as const;

/** What one notification's receivers waited. */
export function fanOutHtml({ fanOutMs }: BenchResult, plots: Plots): string {
  const plot = plotHtml({
    id: 'fan-out',
    label: `Fan-out over percentiles: ${COLUMNS.map(([name, title]) => `${title} p50 ${milliseconds(fanOutMs[name].p50)} ms`).join(', ')}`,
    text: 'Time in ms until the first, the median, 99 % and the last of a notification’s receivers had it, over percentiles of notifications',
  });
  return `<section>
<h2>Fan-out</h2>
${plots.fanOut === null ? '<p class="empty">Too few notifications for a plot.</p>\n' : plot}${tableHtml({
  caption: `From the planned moment to the receipt, in ms, of ${integer(fanOutMs.last.samples)} notifications`,
  columns: [{ title: '', holds: 'words' }, ...COLUMNS.map(([, title]) => ({ title, holds: 'figures' as const }))],
  rows: ROWS.map((row) => [rowName(row), ...COLUMNS.map(([name]) => milliseconds(fanOutMs[name][row]))]),
})}</section>
`;
}
