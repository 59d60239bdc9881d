import { counted, integer, milliseconds } from '../numbers.js';
import type { BenchResult, Distribution } from '../result/result.js';
import type { ReportStyle } from './style.js';
import { table } from './table.js';

/** The percentiles of the table; where there is no room, the one with the highest number goes first. */
const COLUMNS = [
  { of: 'min', heading: 'min', dispensable: 7 },
  { of: 'mean', heading: 'mean', dispensable: 8 },
  { of: 'p50', heading: 'p50' },
  { of: 'p75', heading: 'p75', dispensable: 6 },
  { of: 'p90', heading: 'p90', dispensable: 3 },
  { of: 'p95', heading: 'p95', dispensable: 5 },
  { of: 'p99', heading: 'p99' },
  { of: 'p999', heading: 'p99.9', dispensable: 2 },
  { of: 'p9999', heading: 'p99.99', dispensable: 4 },
  { of: 'max', heading: 'max', dispensable: 1 },
] as const;

/** Percentiles of latency, lateness and fan-out, with the margins beneath. */
export function timeLines({ latencyMs, latenessMs, fanOutMs, recovery }: BenchResult, { pen, columns }: ReportStyle): string[] {
  if (latencyMs.samples + latenessMs.samples === 0) return [];
  const { p50, p99 } = latencyMs.margin;
  const margins: Partial<Record<keyof Distribution, number | null>> = { p50, p99 };
  const hasMargins = p50 !== null || p99 !== null;
  const distributions: readonly (readonly [string, Distribution])[] = [
    ['sending late', latenessMs],
    ['first receiver', fanOutMs.first],
    ['median receiver', fanOutMs.median],
    ['99 % of them', fanOutMs.p99],
    ['last receiver', fanOutMs.last],
    ...(recovery === undefined
      ? []
      : ([
          ['recovered', recovery.latencyMs],
          ['resume, asked', recovery.resumeMs],
        ] as const)),
  ];
  const marginOf = (of: keyof Distribution) => {
    const margin = margins[of] ?? null;
    return margin === null ? '' : pen.dim(`±${milliseconds(margin)}`);
  };
  const labels = ['latency', ...(hasMargins ? [pen.dim('  95 % margin')] : []), ...distributions.map(([label]) => label)];
  return [
    pen.bold('Times in ms') + pen.dim(` after the planned moment, of ${counted(latencyMs.samples, 'delivery', 'deliveries')}`),
    ...table(
      [
        { heading: '', cells: labels, align: 'left' },
        ...COLUMNS.map(({ of, heading, ...rest }) => ({
          heading,
          cells: [
            pen.bold(milliseconds(latencyMs[of])),
            ...(hasMargins ? [marginOf(of)] : []),
            ...distributions.map(([, distribution]) => milliseconds(distribution[of])),
          ],
          align: 'right' as const,
          ...rest,
        })),
      ],
      columns,
      pen.dim,
    ),
    ...(latencyMs.samples > 0 && [latencyMs, fanOutMs.last].some(({ p99, p999, p9999 }) => [p99, p999, p9999].includes(null))
      ? [`  ${pen.dim('–: fewer than ten samples beyond; a longer run shows it')}`]
      : []),
  ];
}

/** The slowest deliveries one by one. */
export function slowestLines({ slowest }: BenchResult, { pen, columns }: ReportStyle): string[] {
  if (slowest.length === 0) return [];
  return [
    pen.bold('Slowest deliveries'),
    ...table(
      [
        { heading: 'ms', cells: slowest.map(({ latencyMs }) => milliseconds(latencyMs).padStart(6)), align: 'right' },
        { heading: 'planned at', cells: slowest.map(({ plannedMs }) => `${(plannedMs / 1000).toFixed(3)} s`), align: 'right' },
        { heading: 'notification', cells: slowest.map(({ notification }) => integer(notification)), align: 'right' },
        { heading: 'channel', cells: slowest.map(({ channel }) => integer(channel)), align: 'right', dispensable: 1 },
        { heading: 'subscriber', cells: slowest.map(({ subscriber }) => integer(subscriber)), align: 'right', dispensable: 2 },
      ],
      columns,
      pen.dim,
    ),
  ];
}
