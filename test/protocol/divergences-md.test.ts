import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const TEXT = readFileSync('DIVERGENCES.md', 'utf8');
const PROTOCOL = readFileSync('PROTOCOL.md', 'utf8');

const ROWS = TEXT.split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));

describe('DIVERGENCES.md', () => {
  it('numbers its rows one after the other', () => {
    expect(ROWS.map(([number]) => Number(number))).toEqual(ROWS.map((_, index) => index + 1));
    expect(ROWS.length).toBeGreaterThan(20);
  });

  it.each(ROWS.map((cells) => [cells[0], cells[2], cells.at(-1) ?? '']))('proves row %s (%s) by tests that exist', (_, __, proofs) => {
    const files = [...proofs.matchAll(/`([^`]+)`/g)].map(([, file]) => file as string);
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
