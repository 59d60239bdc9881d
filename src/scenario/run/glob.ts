const WILD = /\*\*\/|\*\*|\*|\?/g;

const MEANING: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

/** Rows of a matrix at the end of a pattern: `#3`, `#2-5,9`. */
const ROWS = /#(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/;

/**
 * Whether a pattern covers a case: `*` is any text within a folder, `**` any text across folders, `?` one character, `#2-5,9` at its
 * end rows of a matrix. The id of a scenario covers the cases of its matrix, too: `match/x` covers `match/x#3`, but not the other
 * way round.
 * @param glob such as `match/**`, or an id.
 */
export function matchesGlob(glob: string, id: string): boolean {
  const rows = ROWS.exec(glob);
  const row = /#(\d+)$/.exec(id);
  const scenario = row ? id.slice(0, row.index) : id;
  if (!rows?.[1]) return matches(glob, id) || matches(glob, scenario);
  return row !== null && includes(rows[1], Number(row[1])) && matches(glob.slice(0, rows.index), scenario);
}

function includes(rows: string, row: number): boolean {
  return rows.split(',').some((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return first !== undefined && last !== undefined && first <= row && row <= last;
  });
}

function matches(glob: string, text: string): boolean {
  const parts = glob.split(WILD).map((part) => part.replace(/[\\^$.|+()[\]{}]/g, '\\$&'));
  const wild = [...glob.matchAll(WILD)].map(([found]) => MEANING[found] ?? '');
  return new RegExp(`^${parts.map((part, index) => part + (wild[index] ?? '')).join('')}$`, 's').test(text);
}
