import type { ChalkInstance } from 'chalk';
import type { ClientState } from '../client/index.js';
import { escapeText } from './escape-text.js';

/** What the status line tells. */
export interface Status {
  readonly url: string;
  readonly state: ClientState;
  readonly received: number;
  readonly reconnects: number;
  /** How many notifications are held back; `undefined` when it is not paused. */
  readonly held: number | undefined;
}

/** Pieces from the most to the least important; a plain text and the pen for it. */
type Piece = readonly [text: string, paint: (text: string) => string];

const SEPARATOR = ' · ';

/**
 * The status line, as long as `width` allows: what does not fit is left out from the end.
 * @param now `Date.now()`, ms.
 * @param width of the terminal, in columns.
 */
export function statusLine(status: Status, now: number, { width, pen }: { width: number; pen: ChalkInstance }): string {
  const pieces: Piece[] = [connection(status, now, pen)];
  if (status.held !== undefined) pieces.push([`paused, ${status.held} held`, pen.yellow]);
  pieces.push([`${status.received} received`, (text) => text]);
  if (status.reconnects > 0) pieces.push([counted(status.reconnects, 'reconnect'), (text) => text]);
  pieces.push(['p pause  c change  s statistics  q quit  ? help', pen.dim]);
  let left = width - 1;
  const shown: string[] = [];
  for (const [text, paint] of pieces) {
    const needed = text.length + (shown.length > 0 ? SEPARATOR.length : 0);
    if (needed > left && shown.length > 0) break;
    shown.push(paint(text.slice(0, Math.max(0, left))));
    left -= needed;
  }
  return shown.join(pen.dim(SEPARATOR));
}

/** `1 reconnect`, `2 reconnects`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function connection({ url, state }: Status, now: number, pen: ChalkInstance): Piece {
  switch (state.kind) {
    case 'connecting':
      return [`◌ connecting to ${url}`, pen.yellow];
    case 'open':
      return [`● connected to ${url}`, pen.green];
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
      return [`○ retrying in ${seconds} s (${escapeText(state.because)})`, pen.red];
    }
    case 'closed':
      return ['○ closed', pen.dim];
  }
}
