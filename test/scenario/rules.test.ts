import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../../src/scenario/rules.js';

test('the rules that a scenario may name are the headings of PROTOCOL.md', () => {
  const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
  const headings = [...page.matchAll(/^### (R-\d+\.\d+) (.*)$/gm)].map(([, id, title]) => [id, title]);
  expect(Object.entries(RULES)).toEqual(headings);
});
