import { type CheckContext, type Located, nearest, type Place, plainValue, quote } from '../../document/index.js';
import type { Json, JsonObject } from '../../protocol/index.js';
import { VARIABLE_NAME } from './template.js';

/** The variables of one run of the steps. */
export interface Row {
  readonly place: Place;
  readonly columns: ReadonlyMap<string, Json>;
  readonly values: JsonObject;
}

/** Names a row for people, and is no variable that the steps have to use. */
const ROW_NAME = 'name';

/** The rows of a matrix, each with the columns of the first one; what is no row is left to the shape of the file to complain about. */
export function readRows(matrix: Located, later: ReadonlySet<string>, context: Pick<CheckContext, 'complain'>): readonly Row[] {
  if (matrix.kind !== 'list') return [];
  const maps = matrix.items.filter((item) => item.kind === 'map');
  const [first] = maps;
  if (first === undefined) return [];
  for (const { key, keyPlace } of first.entries) checkName(key, keyPlace, { later, ...context });
  const wanted = first.entries.map(({ key }) => key).filter((key) => key !== ROW_NAME);
  for (const row of maps) checkColumns(row, wanted, context);
  return maps.map((row) => {
    const columns = new Map(row.entries.map(({ key, value }) => [key, plainValue(value)]));
    return { place: row.place, columns, values: Object.fromEntries(columns) };
  });
}

/** Complains about the columns that no text of the file uses. */
export function checkColumnsUsed(matrix: Located, used: ReadonlySet<string>, context: Pick<CheckContext, 'complain'>): void {
  const first = matrix.kind === 'list' ? matrix.items[0] : undefined;
  if (first?.kind !== 'map') return;
  for (const { key, keyPlace } of first.entries) {
    if (key === ROW_NAME || used.has(key)) continue;
    context.complain({
      message: `no step uses the variable ${quote(key)}: write \${${key}} where it belongs, or take it out`,
      place: keyPlace,
    });
  }
}

function checkName(
  name: string,
  place: Place,
  { later, complain }: Pick<CheckContext, 'complain'> & { readonly later: ReadonlySet<string> },
): void {
  if (!VARIABLE_NAME.test(name)) {
    complain({ message: `found ${quote(name)}, expected the name of a variable: letters, digits and underscores`, place });
  } else if (later.has(name)) {
    const owner = name === 'package' ? 'the harness gives it a value' : 'a step saves it';
    complain({ message: `${quote(name)} cannot be a variable of the matrix: ${owner}`, place });
  }
}

function checkColumns(
  row: Located & { readonly kind: 'map' },
  wanted: readonly string[],
  { complain }: Pick<CheckContext, 'complain'>,
): void {
  const given = row.entries.map(({ key }) => key);
  for (const { key, keyPlace } of row.entries) {
    if (key === ROW_NAME || wanted.includes(key)) continue;
    const near = nearest(key, wanted);
    const advice = near === undefined ? 'every row has the same ones' : `did you mean ${quote(near)}?`;
    complain({ message: `the first row has no variable ${quote(key)}: ${advice}`, place: keyPlace });
  }
  for (const name of wanted) {
    if (!given.includes(name)) complain({ message: `the variable ${quote(name)} of the first row is missing here`, place: row.place });
  }
}
