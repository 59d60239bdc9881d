import type { WireEvent, WireLog } from '../wire.js';
import type { ReportStyle } from './report-style.js';
import { bytesText } from './wording.js';

/** Events of each client that are shown below a failure; the last ones. */
const SHOWN_EVENTS = 12;

/** Behind a payload that is cut, its size. */
const SIZE_WIDTH = 18;

/** An arrow from the client's point of view. */
export const ARROWS = { sent: '→', received: '←', note: '·' } as const;

/**
 * The last events of each client, for a terminal or a text file: times in ms since the start of the case, aligned to
 * the right, a direction, what it was, and as much of the payload as the line has room for.
 */
export function wireLines(wire: WireLog, style: ReportStyle): string[] {
  return Object.entries(wire).flatMap(([client, events]) => clientLines(client, events, style));
}

function clientLines(client: string, events: readonly WireEvent[], style: ReportStyle): string[] {
  const shown = events.slice(-SHOWN_EVENTS);
  if (shown.length === 0) return [];
  const which = shown.length < events.length ? `, the last ${shown.length} of ${events.length} events` : '';
  const times = shown.map(({ atMs }) => atMs.toFixed(1));
  const timeWidth = Math.max(...times.map((time) => time.length));
  // A note has no payload beside it, so that it needs no column.
  const whatWidth = Math.max(0, ...shown.filter(({ payload }) => payload !== '').map(({ what }) => style.safe(what).length));
  const lines = shown.map((event, index) => eventLine(event, { time: times[index]?.padStart(timeWidth) ?? '', whatWidth, style }));
  return [`${style.pen.bold(style.safe(client))}${style.pen.dim(which)}`, ...lines.map((line) => `  ${line}`)];
}

interface Columns {
  readonly time: string;
  readonly whatWidth: number;
  readonly style: ReportStyle;
}

function eventLine(event: WireEvent, { time, whatWidth, style }: Columns): string {
  const { pen, safe, columns } = style;
  const arrow = ARROWS[event.direction];
  const what = safe(event.what);
  if (event.payload === '') return `${pen.dim(time)} ${pen.cyan(arrow)} ${what}`;
  // Two levels of indentation stand in front, of two columns each.
  const room = Math.max(20, columns - time.length - whatWidth - 9);
  return `${pen.dim(time)} ${pen.cyan(arrow)} ${what.padEnd(whatWidth)}  ${fitted(event, room, style)}`;
}

/** The payload in at most `room` characters, its size behind it where a part of it is missing. */
function fitted({ payload, bytes }: WireEvent, room: number, { pen, safe }: ReportStyle): string {
  const whole = safe(payload.replace(/\r/g, '\\r').replace(/\n/g, '\\n'));
  if (whole.length <= room && Buffer.byteLength(payload) === bytes) return whole;
  const size = ` ${bytesText(bytes)}`;
  const isHex = /^(?:[0-9a-f]{2})+$/.test(payload) && payload.length === 2 * bytes;
  if (whole.length <= room && isHex) return whole;
  const characters = [...whole.replace(/…$/, '')].slice(0, Math.max(1, room - SIZE_WIDTH)).join('');
  return `${characters}…${pen.dim(size)}`;
}
