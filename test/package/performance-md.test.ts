import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGE = readFileSync('docs/performance.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Readonly<Record<string, string>> };
const PAGES = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => join('docs', name))];

describe('docs/performance.md', () => {
  it('names commands that exist, and so does every other page', () => {
    const named = PAGES.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/npm run (bench:[a-z]+)/g)].map(([, name]) => name as string),
    );
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('has a section for each benchmark of the repository, whose command runs it', () => {
    const names = readdirSync('benchmarks').flatMap((name) => (/^(?!naive-)(.+)\.mjs$/.exec(name)?.[1] ?? []) as string);
    expect(names).not.toEqual([]);
    for (const name of names) {
      expect(scripts[`bench:${name}`]).toMatch(new RegExp(`\\bnode benchmarks/${name}\\.mjs$`));
      expect(PAGE).toMatch(new RegExp(`^## .*\`npm run bench:${name}\``, 'm'));
    }
  });

  it('keeps in each of these sections the last run: the command, the machine, and a table with figures', () => {
    const sections = PAGE.split(/^## /m).filter((section) => /`npm run bench:/.test(section.split('\n', 1)[0] as string));
    expect(sections.length).toBeGreaterThanOrEqual(4);
    for (const section of sections) {
      expect(section).toMatch(/^`npm run bench:[a-z]+`, .*\bcores\b.*\bNode v\d.*$/m);
      expect(section).toMatch(/^\|[-:|]+\|\n\|.*\d/m);
    }
  });

  it('points to files that exist', () => {
    const targets = [...PAGE.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => join('docs', target as string));
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });
});
