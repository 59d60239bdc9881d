import { suggest } from '../../document/index.js';
import type { BenchResult, Counts, Distribution, Recovery } from '../result/result.js';
import { RuleError } from './rule-error.js';

/** What thresholds and comparisons read: a measurement, or a result that was saved. */
export type Figures = Pick<
  BenchResult,
  'connections' | 'notifications' | 'deliveries' | 'recovery' | 'latencyMs' | 'latenessMs' | 'fanOutMs'
>;

/** A figure that has a name. */
export interface Metric {
  readonly name: string;
  /** Of what `read` gives; empty for counts. */
  readonly unit: 'ms' | '/s' | 'B' | '';
  /** `null` when the run has no data for it: a fault that did not happen is 0 only where it could have happened. */
  readonly read: (figures: Figures) => number | null;
  /** What a share of it is a share of; `null` where a share makes no sense. */
  readonly base: ((figures: Figures) => number) | null;
  /** Whether runs that are long enough have a margin of it. */
  readonly hasMargin: boolean;
  /** Half the width of its 95 % interval, in its unit; `null` where it has none. */
  readonly margin: (figures: Figures) => number | null;
}

const STATISTICS = [
  'min',
  'mean',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p999',
  'p9999',
  'max',
] as const satisfies readonly (keyof Distribution)[];

const expected = ({ deliveries }: Figures) => deliveries.expected;
const planned = ({ notifications }: Figures) => notifications.planned;
const sent = ({ notifications }: Figures) => notifications.sent;
const wanted = ({ connections }: Figures) => connections.wanted;
const connected = ({ connections }: Figures) => connections.connected;

/** All that a threshold may be about. */
export const METRICS: readonly Metric[] = [
  ...timesOf('latency', ({ latencyMs }) => latencyMs).map(withMargin),
  ...timesOf('lateness', ({ latenessMs }) => latenessMs),
  ...timesOf('fanout.first', ({ fanOutMs }) => fanOutMs.first),
  ...timesOf('fanout.median', ({ fanOutMs }) => fanOutMs.median),
  ...timesOf('fanout.p99', ({ fanOutMs }) => fanOutMs.p99),
  ...timesOf('fanout.last', ({ fanOutMs }) => fanOutMs.last),
  metric('planned', '', planned),
  count('sent', sent, planned),
  count('late', ({ notifications }) => notifications.late, sent),
  metric('rate', '/s', ({ notifications }) => notifications.perSecond),
  metric('expected', '', expected),
  delivery('delivered'),
  metric('throughput', '/s', ({ deliveries }) => deliveries.perSecond),
  delivery('lost'),
  delivery('duplicated'),
  delivery('misdelivered'),
  delivery('reordered'),
  delivery('corrupt'),
  recovery('recovered', expected),
  recovery('unrecovered', expected),
  recovery('repeated', expected),
  recovery('unsent', planned),
  recovery('cutOff', planned),
  ...timesOf('recovery', ({ recovery }) => recovery?.latencyMs),
  ...timesOf('resume', ({ recovery }) => recovery?.resumeMs),
  count('refused', ({ notifications }) => notifications.refused.count, sent),
  count('unknown', ({ notifications }) => notifications.unknown.count, sent),
  count('unanswered', ({ notifications }) => notifications.unanswered, sent),
  count('ready', ({ connections }) => connections.ready, wanted),
  count('failed', ({ connections }) => connections.failed.count, wanted),
  count('disconnected', ({ connections }) => connections.disconnected.count, connected),
  metric('memory', 'B', ({ connections }) => connections.memoryBytesEach),
];

const BY_NAME: ReadonlyMap<string, Metric> = new Map(METRICS.map((each) => [each.name, each]));

/**
 * The metric of a name. `p99` stands for `latency.p99`, and so do the other statistics; `p99.9` is `p999`.
 * @throws RuleError when there is none.
 */
export function metricNamed(name: string): Metric {
  const plain = name.replace(/(^|\.)(p99)\.(9+)$/, '$1$2$3');
  const found = BY_NAME.get(plain) ?? BY_NAME.get(`latency.${plain}`);
  if (found) return found;
  const within = METRICS.filter((each) => each.name.startsWith(`${plain}.`));
  const candidates = (within.length > 0 ? within : METRICS).map((each) => each.name);
  throw new RuleError(`there is no metric "${name}": ${suggest(plain, candidates, 'metrics')}`);
}

function timesOf(name: string, find: (figures: Figures) => Distribution | undefined): Metric[] {
  return STATISTICS.map((statistic) => metric(`${name}.${statistic}`, 'ms', (figures) => find(figures)?.[statistic] ?? null));
}

function withMargin(latency: Metric): Metric {
  if (latency.name === 'latency.p50') return { ...latency, hasMargin: true, margin: ({ latencyMs }) => latencyMs.margin.p50 };
  if (latency.name === 'latency.p99') return { ...latency, hasMargin: true, margin: ({ latencyMs }) => latencyMs.margin.p99 };
  return latency;
}

function delivery(name: Exclude<keyof Counts, 'expected'>): Metric {
  return count(name, ({ deliveries }) => deliveries[name], expected);
}

/** Of a run without faults there is none. */
function recovery(
  name: keyof { readonly [K in keyof Recovery as Recovery[K] extends number ? K : never]: unknown },
  base: (figures: Figures) => number,
): Metric {
  return { ...metric(name, '', ({ recovery }) => recovery?.[name] ?? null), base };
}

function count(name: string, read: (figures: Figures) => number, base: (figures: Figures) => number): Metric {
  return { ...metric(name, '', (figures) => (read(figures) > 0 || base(figures) > 0 ? read(figures) : null)), base };
}

function metric(name: string, unit: Metric['unit'], read: Metric['read']): Metric {
  return { name, unit, read, base: null, hasMargin: false, margin: () => null };
}
