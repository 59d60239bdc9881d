import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WORDS } from '../../src/commands/test/words.js';
import { loadScenarios } from '../../src/scenario/file/load.js';
import { RULES } from '../../src/scenario/rules.js';
import { loadTarget } from '../../src/scenario/run/target.js';

const CHAPTERS = ['access', 'base', 'close', 'http', 'match', 'transport', 'v1'];

const { cases, errors } = loadScenarios(['scenarios'], WORDS);

describe('the suite of scenarios', () => {
  it('has no fault in any file', () => {
    expect(errors).toEqual([]);
  });

  it('has at least 250 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(250);
  });

  it.each(Object.entries(RULES))('has a scenario for %s, %s', (rule) => {
    expect(cases.filter(({ rules }) => rules.includes(rule)).map(({ id }) => id)).not.toEqual([]);
  });

  it.each(readdirSync('scenarios/targets'))('has a case for each pattern of targets/%s', (file) => {
    const { target, errors } = loadTarget(join('scenarios/targets', file));
    expect(errors).toEqual([]);
    expect(target?.unusedPatterns(cases.map(({ id }) => id))).toEqual([]);
  });

  it('calls each scenario as its file is called, in a folder for each chapter of the protocol', () => {
    for (const { scenario, source } of cases) expect(`${scenario}.yaml`).toBe(relative('scenarios', source.path));
    expect([...new Set(cases.map(({ scenario }) => scenario.split('/')[0]))].sort()).toEqual(CHAPTERS);
  });
});
