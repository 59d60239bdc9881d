import type { ChalkInstance } from 'chalk';
import type { Position, Topic } from '../../protocol/index.js';
import { escapeJson } from '../terminal/escape-json.js';
import { escapeText } from '../terminal/escape-text.js';

/** What the log has of a topic. */
export interface TopicSummary {
  readonly topic: Topic;
  /** The last one; offset 0 when nothing has been published since the epoch began. */
  position: Position;
  /** Notifications of this epoch that are in the log, and their bytes. */
  kept: number;
  bytes: number;
  /** When the newest one came, in ms since 1970; undefined without any. */
  newestAt: number | undefined;
}

const TITLES = ['PACKAGE', 'PAGE', 'EPOCH', 'OFFSET', 'KEPT', 'BYTES', 'NEWEST'];
/** Columns of text; the others are numbers. */
const LEFT = new Set([0, 1, 2]);

export function summaryJson({ topic, position, kept, bytes, newestAt }: TopicSummary): string {
  const newest = newestAt === undefined ? null : new Date(newestAt).toISOString();
  return escapeJson(JSON.stringify({ package: topic.package, page: topic.page, ...position, kept, bytes, newestAt: newest }));
}

/** A line a topic below a line of titles. @param now in ms since 1970. */
export function topicTable(summaries: readonly TopicSummary[], now: number, pen: ChalkInstance): string[] {
  const rows = summaries.map(({ topic, position, kept, bytes, newestAt }) => [
    ...[topic.package, topic.page, position.epoch].map(escapeText),
    ...[position.offset, kept, bytes].map((number) => number.toLocaleString('en')),
    newestAt === undefined ? '-' : `${ageText(now - newestAt)} ago`,
  ]);
  const widths = TITLES.map((title, column) => rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), title.length));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (LEFT.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [pen.dim(line(TITLES)), ...rows.map(line)];
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** How long ago in its largest unit: `3d`, `5h`, `10m`, `4s`. */
function ageText(milliseconds: number): string {
  const [name, length] = UNITS.find((unit) => milliseconds >= unit[1]) ?? ['s', 1000];
  return `${Math.max(0, Math.floor(milliseconds / length))}${name}`;
}
