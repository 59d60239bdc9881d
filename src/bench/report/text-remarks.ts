import { counted } from '../numbers.js';
import type { BenchResult, Mishap } from '../result/result.js';
import { wrap } from './columns.js';
import type { ReportStyle } from './style.js';

/** The first reason of each kind of failure, in the words of the broker or the system. */
export function mishapsOf({ connections, notifications }: BenchResult): { readonly what: string; readonly first: string }[] {
  const kinds: readonly (readonly [Mishap, string, string])[] = [
    [connections.failed, 'connection', 'failed'],
    [connections.disconnected, 'connection', 'ended early'],
    [notifications.refused, 'notification', 'refused'],
    [notifications.unknown, 'notification', 'without an answer'],
  ];
  return kinds.flatMap(([{ count, first }, noun, what]) =>
    count === 0 || first === null ? [] : [{ what: `${counted(count, noun)} ${what}`, first }],
  );
}

/** First reasons, and what a reader should know. */
export function remarkLines(result: BenchResult, { pen, safe, columns }: ReportStyle): string[] {
  const mishaps = mishapsOf(result).flatMap(({ what, first }) =>
    wrap(`✗ ${what}, the first: ${safe(first)}`, columns, 2).map((line) => pen.red(line)),
  );
  const notes = result.notes.flatMap((note) => wrap(`! ${safe(note)}`, columns, 2).map((line) => pen.yellow(line)));
  return [...mishaps, ...notes];
}
