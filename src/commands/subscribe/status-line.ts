import type { ChalkInstance } from 'chalk';
import type { ClientState } from '../../client/index.js';
import { escapeText } from '../terminal/escape-text.js';

/** What the status line tells. */
export interface Status {
  readonly url: string;
  readonly state: ClientState;
  readonly received: number;
  /** Of these, those that were replayed after reconnections. */
  readonly recovered: number;
  readonly reconnects: number;
  /** How many notifications are held back; `undefined` when it is not paused. */
  readonly held: number | undefined;
}

/** A plain text and the pen for it. */
type Piece = readonly [text: string, paint: (text: string) => string];

const SEPARATOR = ' · ';

/** What the keys do, from the longest form to the shortest; `p` stands apart, as it means two things. */
const KEYS = ['c change  s statistics  q quit  ? help', 'q quit  ? keys', '? keys'] as const;

/**
 * The status line, as long as `width` allows. What becomes shorter, or is left out, goes in this order: the keys, the
 * reconnects, what was recovered, the count; how to go on after a pause is left out last.
 * @param now `Date.now()`, ms.
 * @param width of the terminal, in columns.
 */
export function statusLine(status: Status, now: number, { width, pen }: { width: number; pen: ChalkInstance }): string {
  const isPaused = status.held !== undefined;
  const first: Piece[] = [connection(status, now, pen)];
  if (isPaused) first.push(['paused, p go on', pen.yellow], [`${status.held} held`, pen.yellow]);
  const received: Piece = [`${status.received} received`, (text) => text];
  const recovered: Piece[] = status.recovered > 0 ? [[`recovered ${status.recovered}`, (text) => text]] : [];
  const reconnects: Piece[] = status.reconnects > 0 ? [[counted(status.reconnects, 'reconnect'), (text) => text]] : [];
  const [all, few, one] = KEYS.map((keys): Piece => [isPaused || keys === '? keys' ? keys : `p pause  ${keys}`, pen.dim]);
  const rests = [
    [received, ...recovered, ...reconnects, all],
    [received, ...recovered, ...reconnects, few],
    [received, ...recovered, few],
    [received, few],
    [received, one],
    [few],
    [one],
  ];
  const forms = rests.map((rest) => [...first, ...rest.filter((piece) => piece !== undefined)]);
  const left = width - 1;
  const fitting = forms.find((pieces) => lengthOf(pieces) <= left);
  return (fitting ?? cut([...first, received], left)).map(([text, paint]) => paint(text)).join(pen.dim(SEPARATOR));
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((length, [text]) => length + text.length, SEPARATOR.length * (pieces.length - 1));
}

/** As many pieces as fit, and at least as much of the first one as does. */
function cut(pieces: readonly Piece[], width: number): readonly Piece[] {
  for (let count = pieces.length; count > 1; count--) if (lengthOf(pieces.slice(0, count)) <= width) return pieces.slice(0, count);
  return pieces.slice(0, 1).map(([text, paint]): Piece => [text.slice(0, Math.max(0, width)), paint]);
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
