import { quote } from './mismatch.js';

/** How many names a message lists where none of them is near. */
const LISTED = 16;

/**
 * What to say behind a name that is not known.
 * @param kind what the candidates are, in the plural, for the list that stands there when none is near: `clients`.
 * @returns such as `did you mean "count"?`, or `the clients are alice, bob`, or that there are none.
 */
export function suggest(name: string, candidates: Iterable<string>, kind: string): string {
  const known = [...candidates];
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean ${quote(near)}?`;
  if (known.length === 0) return `there are no ${kind}`;
  const listed = known.slice(0, LISTED).join(', ');
  return `the ${kind} are ${listed}${known.length > LISTED ? ', …' : ''}`;
}

/** The candidate that is most likely meant, or `undefined` where none is near: a third of the name may be wrong. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** How many letters to insert, delete, replace, or exchange with their neighbour (optimal string alignment). */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isExchanged = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + (isSame ? 0 : 1),
        isExchanged ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, above] = [above, current];
  }
  return at(above, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
