import { integer, quantity } from '../numbers.js';
import type { BenchResult, Bucket } from '../result/result.js';
import { bar } from './bars.js';
import type { ReportStyle } from './style.js';
import { table } from './table.js';

/** How a decade may be divided, the finest first. */
const LADDERS = [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] as const;

const MOST_ROWS = 16;
const WIDEST_BAR = 48;

/** A bar for each range of latencies, in ranges that grow with the latency. */
export function histogramLines({ latencyMs }: BenchResult, { pen, columns }: ReportStyle): string[] {
  const rows = rowsOf(latencyMs.buckets);
  if (rows.length === 0) return [];
  const highest = Math.max(...rows.map(({ count }) => count));
  const labels = rows.map(({ upToUs }) => `≤ ${quantity(upToUs / 1000, 'ms')}`);
  const counts = rows.map(({ count }) => integer(count));
  const shares = rows.map(({ count }) => pen.dim(`${((count / latencyMs.samples) * 100).toFixed(2)} %`));
  const room = columns - 2 - Math.max(...labels.map(({ length }) => length)) - 2 - Math.max(...counts.map(({ length }) => length)) - 12;
  const width = Math.min(WIDEST_BAR, Math.max(8, room));
  return [
    pen.bold('Latency') + pen.dim(', planned to received'),
    ...table(
      [
        { heading: '', cells: labels, align: 'right' },
        { heading: '', cells: rows.map(({ count }) => pen.cyan(bar(count / highest, width).padEnd(width))), align: 'left' },
        { heading: '', cells: counts, align: 'right' },
        { heading: '', cells: shares, align: 'right', dispensable: 1 },
      ],
      columns,
      pen.dim,
    ),
  ];
}

interface Row {
  readonly upToUs: number;
  readonly count: number;
}

/** From the range with the lowest latency to that with the highest, those between that are empty too. */
function rowsOf(buckets: readonly Bucket[]): Row[] {
  const [lowest] = buckets[0] ?? [];
  const [highest] = buckets.at(-1) ?? [];
  if (lowest === undefined || highest === undefined) return [];
  const candidates = LADDERS.map((ladder) => boundsFor(ladder, { lowest, highest }));
  const bounds = candidates.find(({ length }) => length <= MOST_ROWS) ?? candidates.at(-1) ?? [];
  const counts = bounds.map(() => 0);
  let row = 0;
  for (const [upToUs, count] of buckets) {
    while (upToUs > (bounds[row] ?? Number.POSITIVE_INFINITY)) row++;
    counts[row] = (counts[row] ?? 0) + count;
  }
  return bounds.map((upToUs, index) => ({ upToUs, count: counts[index] ?? 0 }));
}

/** Ascending, in µs: the last one below which nothing is left out, and the first that holds the highest. */
function boundsFor(ladder: readonly number[], { lowest, highest }: { lowest: number; highest: number }): number[] {
  const bounds: number[] = [];
  for (let decade = 1; ; decade *= 10) {
    for (const step of ladder) {
      const bound = step * decade;
      if (bound < lowest) continue;
      bounds.push(bound);
      if (bound >= highest) return bounds;
    }
  }
}
