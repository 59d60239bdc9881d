import { integer } from '../numbers.js';
import type { Progress } from '../result/progress.js';
import { recoveryPieces as piecesOf } from './recovery-text.js';
import { FAULTS } from './wording.js';

/** A figure with its word, of a line that shows how far a run is. */
export interface Piece {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

interface Judged extends Piece {
  readonly isBad: boolean;
}

/** `1,900 of 2,000 ready`, how many are connected, and how many failed: those first when there are any. */
export function subscriberPieces({ subscribers }: Progress): Judged[] {
  const { wanted, connected, ready, failed } = subscribers;
  const others = [
    { text: `${integer(connected)} connected`, isBad: false },
    { text: `${integer(failed)} failed`, isBad: failed > 0 },
  ];
  return [{ text: `${integer(ready)} of ${integer(wanted)} ready`, isBad: false }, ...(failed > 0 ? others.reverse() : others)];
}

/** `6,200 of 10,000`, and how many of them left late. */
export function sentPieces({ notifications }: Progress): Judged[] {
  const { planned, sent, late } = notifications;
  const of = planned === null ? '' : ` of ${integer(planned)}`;
  return [
    { text: `${integer(sent)}${of}`, isBad: false },
    { text: `${integer(late)} late`, isBad: late > 0 },
  ];
}

/** What faults of the load did until now; nothing where it has none. */
export function recoveryPieces({ recovery }: Progress): Judged[] {
  return recovery === null ? [] : piecesOf(recovery);
}

/** Each kind of fault, those that there are first. */
export function faultPieces({ faults }: Progress): Judged[] {
  const all = FAULTS.map((fault) => ({ text: `${integer(faults[fault])} ${fault}`, isBad: faults[fault] > 0 }));
  return [...all.filter(({ isBad }) => isBad), ...all.filter(({ isBad }) => !isBad)];
}
