import { integer, milliseconds, UNKNOWN } from '../../numbers.js';
import type { BenchResult, Counts, Mishap } from '../../result/result.js';
import { recoveryRows } from '../recovery-text.js';
import { FAULTS } from '../wording.js';
import { type Cell, tableHtml } from './markup.js';

/** What may become of deliveries, in the order of the tables. */
const FATES = ['expected', 'delivered', ...FAULTS] as const;

/** What was sent, what came of it, and in which channels something was wrong. */
export function deliveriesHtml(result: BenchResult): string {
  return `<section>
<h2>Deliveries</h2>
<div class="beside">
${tableHtml({
  caption: 'Deliveries; those of the warm-up do not count',
  columns: [
    { title: '', holds: 'words' },
    { title: 'hold', holds: 'figures' },
    { title: 'warm-up', holds: 'figures' },
  ],
  rows: FATES.map((fate) => [fate, amount(result.deliveries, fate), { text: integer(result.warmUpDeliveries[fate]), tone: 'quiet' }]),
})}${recoveryTable(result)}${notificationsTable(result)}${connectionsTable(result)}</div>
${faultyChannels(result)}</section>
`;
}

function amount(counts: Counts, fate: keyof Counts): Cell {
  const text = integer(counts[fate]);
  return fate !== 'expected' && fate !== 'delivered' && counts[fate] > 0 ? { text, tone: 'bad' } : text;
}

/** Empty without faults. */
function recoveryTable({ recovery }: BenchResult): string {
  if (recovery === undefined) return '';
  return tableHtml({
    caption: 'What the faults of the load did, and what the broker made good',
    columns: [
      { title: '', holds: 'words' },
      { title: 'count', holds: 'figures' },
      { title: '', holds: 'words' },
    ],
    rows: recoveryRows(recovery).map(({ name, count, isFault, remark }): Cell[] => [
      name,
      isFault && count > 0 ? { text: integer(count), tone: 'bad' } : integer(count),
      remark,
    ]),
  });
}

function notificationsTable({ notifications }: BenchResult): string {
  const { planned, sent, perSecond, late, refused, unknown, unanswered, http } = notifications;
  const statusCodes = Object.entries(http?.statusCodes ?? {}).map(([code, count]): Cell[] => [`HTTP ${code}`, integer(count), '']);
  return countsTable('Notifications of the hold', [
    ['planned', integer(planned), ''],
    ['sent', integer(sent), ''],
    ['sent a second', perSecond === null ? UNKNOWN : integer(perSecond), ''],
    ['late', integer(late), ''],
    mishapRow('refused', refused),
    mishapRow('unknown', unknown),
    mishapRow('unanswered', { count: unanswered, first: null }),
    ...statusCodes,
    ...(http === null ? [] : [mishapRow('HTTP errors', { count: http.errors, first: null })]),
  ]);
}

function connectionsTable({ connections }: BenchResult): string {
  const { wanted, connected, ready, failed, disconnected, hostile } = connections;
  return countsTable('Connections of subscribers', [
    ['wanted', integer(wanted), ''],
    ['connected', integer(connected), ''],
    ['ready', integer(ready), ''],
    mishapRow('failed', failed),
    mishapRow('disconnected', disconnected),
    ...hostile.map(({ kind, count, droppedByBroker }): Cell[] => [
      `hostile: ${kind}`,
      integer(count),
      `${integer(droppedByBroker)} dropped by the broker`,
    ]),
  ]);
}

/** Names, counts, and why; without the last where nothing has a reason. */
function countsTable(caption: string, rows: readonly Cell[][]): string {
  const hasReasons = rows.some(([, , reason]) => reason !== '');
  const reason = { title: 'reason', holds: 'words' } as const;
  return tableHtml({
    caption,
    columns: [{ title: '', holds: 'words' }, { title: 'count', holds: 'figures' }, ...(hasReasons ? [reason] : [])],
    rows: hasReasons ? rows : rows.map((row) => row.slice(0, 2)),
  });
}

function mishapRow(name: string, { count, first }: Mishap): Cell[] {
  return [name, count > 0 ? { text: integer(count), tone: 'bad' } : '0', first ?? ''];
}

function faultyChannels({ faultyChannels }: BenchResult): string {
  if (faultyChannels.length === 0) return '';
  const table = tableHtml({
    caption: 'Channels in which something was wrong, the worst first',
    columns: [{ title: 'channel', holds: 'words' }, ...FATES.map((title) => ({ title, holds: 'figures' as const }))],
    rows: faultyChannels.map((counts) => [integer(counts.channel), ...FATES.map((fate) => amount(counts, fate))]),
  });
  return faultyChannels.length <= 10
    ? table
    : `<details><summary>${faultyChannels.length} channels were faulty</summary>${table}</details>\n`;
}

/** The five slowest deliveries. */
export function slowestHtml({ slowest }: BenchResult): string {
  if (slowest.length === 0) return '';
  return `<section>
<h2>The slowest deliveries</h2>
${tableHtml({
  caption: 'Each with its notification, and when it was planned, from the start of the hold',
  columns: ['latency in ms', 'planned at, in s', 'notification', 'channel', 'subscriber'].map((title) => ({ title, holds: 'figures' })),
  rows: slowest.map(({ latencyMs, plannedMs, notification, channel, subscriber }) => [
    milliseconds(latencyMs),
    Number.isFinite(plannedMs) ? (plannedMs / 1000).toFixed(3) : UNKNOWN,
    integer(notification),
    integer(channel),
    integer(subscriber),
  ]),
})}</section>
`;
}
