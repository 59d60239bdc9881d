import { type CheckContext, type Located, quote, suggest } from '../../document/index.js';
import { isObject, isScalar, type Json } from '../../protocol/index.js';
import { count, fill, type Piece } from './template.js';

/** What the variables of a file are while it is loaded. */
export interface LoadScope extends Pick<CheckContext, 'complain'> {
  /** The columns of a row, and their values. */
  readonly columns: ReadonlyMap<string, Json>;
  /** Known at run time only: `package`, and what steps save. They stay as they are. */
  readonly later: ReadonlySet<string>;
  /** Told each column that is used. */
  use(column: string): void;
}

/**
 * Puts the columns of a row into the texts of a file. Names stay as they are, and so does `$${`, which is for `resolve`.
 * @returns the same with the places of the file.
 */
export function substitute(at: Located, scope: LoadScope): Located {
  if (at.kind === 'list') return { ...at, items: at.items.map((item) => substitute(item, scope)) };
  if (at.kind === 'map') return { ...at, entries: at.entries.map((entry) => ({ ...entry, value: substitute(entry.value, scope) })) };
  if (typeof at.value !== 'string' || !at.value.includes('${')) return at;
  const value = fill(at.value, (piece) => valueAtLoad(piece, scope, at));
  return located(value, at.place);
}

/**
 * Puts variables into the texts of what is sent or expected, at run time.
 * @throws Error with the name of a variable that does not exist (yet), or that counts and is no number.
 */
export function resolve(value: Json, variables: ReadonlyMap<string, Json>): Json {
  if (typeof value === 'string') return value.includes('${') ? fill(value, (piece) => valueAtRun(piece, variables)) : value;
  return mapJson(value, (part) => resolve(part, variables));
}

/** Without the members, at any depth, whose value is `{ $absent: true }`. */
export function dropAbsent(value: Json): Json {
  if (!isObject(value)) return mapJson(value, dropAbsent);
  const kept = Object.entries(value).filter(([, member]) => !isAbsent(member));
  return Object.fromEntries(kept.map(([name, member]) => [name, dropAbsent(member)]));
}

function isAbsent(value: Json): boolean {
  return isObject(value) && value.$absent === true && Object.keys(value).length === 1;
}

function valueAtLoad(piece: Piece, scope: LoadScope, { place }: Located): Json | undefined {
  if (piece.kind === 'escape') return undefined;
  // A "$" in the text could escape, or begin, what follows it when the result is resolved at run time: that repeats it then.
  if (piece.kind === 'repeat') return piece.text.includes('$') ? undefined : piece.text.repeat(piece.count);
  if (piece.kind === 'broken') return void scope.complain({ message: piece.because, place });
  const value = scope.columns.get(piece.name);
  if (value !== undefined) {
    scope.use(piece.name);
    try {
      return count(value, piece);
    } catch (error) {
      return void scope.complain({ message: error instanceof Error ? error.message : String(error), place });
    }
  }
  if (scope.later.has(piece.name)) return undefined;
  const suggestion = suggest(piece.name, [...scope.columns.keys(), ...scope.later], 'variables');
  return void scope.complain({ message: `there is no variable ${quote(piece.name)}: ${suggestion}`, place });
}

function valueAtRun(piece: Piece, variables: ReadonlyMap<string, Json>): Json {
  if (piece.kind === 'escape') return '${';
  if (piece.kind === 'repeat') return piece.text.repeat(piece.count);
  if (piece.kind === 'broken') throw new Error(piece.because);
  const value = variables.get(piece.name);
  if (value === undefined) throw new Error(`there is no variable ${quote(piece.name)} yet: no step has saved it`);
  return count(value, piece);
}

/** A list or an object with each element or member replaced; a scalar as it is. */
function mapJson(value: Json, change: (part: Json) => Json): Json {
  if (isScalar(value)) return value;
  if (!isObject(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));
}

/** All parts of a value that was put in stand where the variable stood. */
function located(value: Json, place: Located['place']): Located {
  if (isScalar(value)) return { kind: 'scalar', value, place };
  if (!isObject(value)) return { kind: 'list', items: value.map((item) => located(item, place)), place };
  const entries = Object.entries(value).map(([key, member]) => ({ key, keyPlace: place, value: located(member, place) }));
  return { kind: 'map', entries, place };
}
