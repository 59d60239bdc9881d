import { bytes, counted, duration, integer, percent, rate } from '../numbers.js';
import type { BenchResult, Connections, Notifications } from '../result/result.js';
import { wrap } from './columns.js';
import { recoveryRows } from './recovery-text.js';
import type { ReportStyle } from './style.js';
import { table } from './table.js';
import { FAULTS, faultsText } from './wording.js';

/** A figure with its name and what else there is to say of it. */
interface Row {
  readonly name: string;
  readonly figure: string;
  readonly remark?: string;
}

/** How many channels with faults are told one by one. */
const CHANNELS_SHOWN = 5;

/** What became of the deliveries, and where it went wrong. */
export function deliveryLines({ deliveries, warmUpDeliveries, faultyChannels }: BenchResult, style: ReportStyle): string[] {
  const { pen, columns } = style;
  const share = (count: number) => (count === 0 || deliveries.expected === 0 ? '' : percent(count / deliveries.expected));
  const warmUp = warmUpDeliveries.expected === 0 ? '' : `${integer(warmUpDeliveries.expected)} in the warm-up`;
  const warmUpFaults = faultsText(warmUpDeliveries);
  const more = faultyChannels.length - CHANNELS_SHOWN;
  const channels = [
    ...faultyChannels
      .slice(0, CHANNELS_SHOWN)
      .map((counts) => `channel ${counts.channel}: ${faultsText(counts)} of ${integer(counts.expected)}`),
    ...(more > 0 ? [`and ${counted(more, 'more channel')}`] : []),
    ...(warmUpFaults === '' ? [] : [`in the warm-up: ${warmUpFaults}`]),
  ];
  return [
    pen.bold('Deliveries'),
    ...rows(
      [
        { name: 'expected', figure: integer(deliveries.expected), remark: warmUp },
        { name: 'delivered', figure: integer(deliveries.delivered), remark: rateText(deliveries.perSecond) },
        ...FAULTS.map((fault) => ({ name: fault, figure: faultFigure(deliveries[fault], style), remark: share(deliveries[fault]) })),
      ],
      style,
    ),
    ...channels.flatMap((line) => wrap(line, columns - 4, 2).map((part) => `    ${pen.red(part)}`)),
  ];
}

/** What was sent, and what the broker answered. */
export function notificationLines({ notifications, settings }: BenchResult, style: ReportStyle): string[] {
  const { planned, sent, warmUp, late, perSecond, refused, unknown, unanswered, http } = notifications;
  const isPlanned = settings.load.arrivals.kind !== 'max';
  const remark = [
    ...(isPlanned && sent < planned ? [`of ${integer(planned)}`] : []),
    ...(perSecond === null ? [] : [rate(perSecond)]),
    ...(warmUp === 0 ? [] : [`${integer(warmUp)} in the warm-up`]),
  ].join('; ');
  return [
    style.pen.bold('Notifications'),
    ...rows(
      [
        { name: 'sent', figure: integer(sent), remark },
        ...(isPlanned ? [{ name: 'late', figure: integer(late), remark: late === 0 || sent === 0 ? '' : percent(late / sent) }] : []),
        ...faultRows({ refused: refused.count, unknown: unknown.count, unanswered }, style),
        ...httpRows(http, style),
      ],
      style,
    ),
  ];
}

/** What the faults of the load did; nothing where it has none. */
export function recoveryLines({ recovery }: BenchResult, style: ReportStyle): string[] {
  if (recovery === undefined) return [];
  const all = recoveryRows(recovery).map(({ name, count, isFault, remark }) => ({
    name,
    figure: isFault ? faultFigure(count, style) : integer(count),
    remark,
  }));
  return [style.pen.bold('Recovery'), ...rows(all, style)];
}

/** Who was connected. */
export function connectionLines({ connections, phasesMs }: BenchResult, style: ReportStyle): string[] {
  const { wanted, connected, ready, failed, disconnected, hostile, memoryBytesEach } = connections;
  return [
    style.pen.bold('Connections'),
    ...rows(
      [
        { name: 'connected', figure: integer(connected), remark: `of ${integer(wanted)}, in ${duration(phasesMs.ramp)}` },
        { name: 'ready', figure: integer(ready) },
        ...faultRows({ failed: failed.count, disconnected: disconnected.count }, style),
        ...hostile.map((those) => ({ name: those.kind, figure: integer(those.count), remark: droppedText(those) })),
        ...(memoryBytesEach === null ? [] : [{ name: 'memory', figure: bytes(memoryBytesEach), remark: 'a subscriber' }]),
      ],
      style,
    ),
  ];
}

function droppedText({ droppedByBroker }: Connections['hostile'][number]): string {
  return `hostile; broker dropped ${integer(droppedByBroker)}`;
}

function httpRows(http: Notifications['http'], style: ReportStyle): Row[] {
  if (http === null) return [];
  const codes = Object.entries(http.statusCodes).map(([code, count]) => ({
    name: `HTTP ${style.safe(code)}`,
    figure: code.startsWith('2') ? integer(count) : style.pen.red(integer(count)),
    remark: 'answers',
  }));
  return [...codes, { name: 'HTTP errors', figure: faultFigure(http.errors, style), remark: rateText(http.perSecond) }];
}

function rateText(perSecond: number | null): string {
  return perSecond === null ? '' : rate(perSecond);
}

/** What is only worth a line when there is any. */
function faultRows(counts: Readonly<Record<string, number>>, style: ReportStyle): Row[] {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([name, count]) => ({ name, figure: faultFigure(count, style) }));
}

function rows(all: readonly Row[], { pen, columns }: ReportStyle): string[] {
  return table(
    [
      { heading: '', cells: all.map(({ name }) => name.padEnd(12)), align: 'left' },
      { heading: '', cells: all.map(({ figure }) => figure.padStart(10)), align: 'right' },
      { heading: '', cells: all.map(({ remark = '' }) => pen.dim(remark)), align: 'left', dispensable: 1 },
    ],
    columns,
    pen.dim,
  );
}

function faultFigure(count: number, { pen }: ReportStyle): string {
  return (count === 0 ? pen.green : pen.red)(integer(count));
}
