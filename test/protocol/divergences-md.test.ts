import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Divergence, loadTarget } from '../../src/scenario/run/target.js';

const TEXT = readFileSync('DIVERGENCES.md', 'utf8');
const PROTOCOL = readFileSync('PROTOCOL.md', 'utf8');
const PHP = loadTarget('scenarios/targets/php.yaml');

/** The rows of both tables, each as its cells by the heads of the columns. */
const ROWS: readonly Readonly<Record<string, string>>[] = readRows();

function readRows(): Record<string, string>[] {
  const rows: Record<string, string>[] = [];
  let heads: readonly string[] = [];
  for (const line of TEXT.split('\n').filter((line) => line.startsWith('|'))) {
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (cells[0] === '#') heads = cells;
    else if (/^\d+$/.test(cells[0] ?? '')) rows.push(Object.fromEntries(heads.map((head, index) => [head || 'basis', cells[index] ?? ''])));
  }
  return rows;
}

/** What stands in backticks in a cell, and that nothing else does. */
function listIn(cell: string | undefined): readonly string[] {
  const items = [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, item]) => item as string);
  expect(cell).toBe(items.map((item) => `\`${item}\``).join(', '));
  return items;
}

/** What a row of DIVERGENCES.md says, as an entry of the target file says it. */
function entryOf(row: Readonly<Record<string, string>>) {
  return {
    row: Number(row['#']),
    basis: row.basis,
    target: row['the PHP server'],
    wsn: row.wsn,
    rule: row.rule,
    option: row['back to the old'] ?? '',
    scenarios: listIn(row.scenarios),
    proof: listIn(row['proved by']),
  };
}

const ENTRIES = (PHP.target?.divergences ?? []).map(({ date: _, ...entry }: Divergence) => ({ option: '', ...entry }));

describe('DIVERGENCES.md', () => {
  it('numbers its rows one after the other', () => {
    expect(ROWS.map((row) => Number(row['#']))).toEqual(ROWS.map((_, index) => index + 1));
    expect(ROWS.length).toBeGreaterThan(20);
  });

  it('has the rows of scenarios/targets/php.yaml and no others', () => {
    expect(PHP.errors).toEqual([]);
    expect(ENTRIES.map(({ row }) => row)).toEqual(ROWS.map((row) => Number(row['#'])));
  });

  it.each(ROWS.map((row) => [row['#'], row['the PHP server'], row]))('says in row %s (%s) what php.yaml says', (number, _, row) => {
    expect(entryOf(row)).toEqual(ENTRIES.find((entry) => entry.row === Number(number)));
  });

  it.each(ROWS.map((row) => [row['#'], row['the PHP server'], row]))('proves row %s (%s) by tests that exist', (_, __, row) => {
    const files = listIn(row['proved by']);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(/^test\/.*\.test\.ts$/);
      expect(existsSync(file), file).toBe(true);
    }
  });

  it('names rules that the protocol has', () => {
    for (const [rule] of TEXT.matchAll(/R-\d+\.\d+/g)) expect(PROTOCOL).toContain(`### ${rule} `);
  });
});
