import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTarget, type Target } from '../../../src/scenario/run/target.js';

const folder = mkdtempSync(join(tmpdir(), 'wsn-target-'));
const FILE = join(folder, 'some.yaml');

afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  writeFileSync(FILE, text);
  return loadTarget(FILE);
}

function targetOf(text: string): Target {
  const { target, errors } = load(text);
  expect(errors).toEqual([]);
  if (target === undefined) throw new Error('found no target');
  return target;
}

const HEAD = 'target: some\nabout: a server of somebody\n';

const WHOLE = `${HEAD}divergences:
  - row: 4
    date: 2026-11-23
    basis: assumed
    target: writes 85.0 as 85
    wsn: relays the bytes as they came
    rule: R-2.3
    option: ''
    scenarios: [base/relay-of-numbers#2, "match/equal-*"]
    proof: [test/server/base-protocol-relay.test.ts]
  - { date: 2026-11-24, target: never closes, scenarios: ["close/**"] }
notApplicable:
  - { date: 2026-11-23, reason: has no subprotocol, scenarios: ["v1/**", "match/equal-in-v1"] }
`;

describe('a target file', () => {
  it('lets a case fail that it lists, and says by which divergence and since when', () => {
    const target = targetOf(WHOLE);
    expect([target.name, target.about, target.divergences.length]).toEqual(['some', 'a server of somebody', 2]);
    const because = 'DIVERGENCES.md row 4 (assumed, 2026-11-23): writes 85.0 as 85';
    expect(target.expectation('base/relay-of-numbers#2')).toEqual({ kind: 'fail', because });
    expect(target.expectation('match/equal-numbers#1')).toEqual({ kind: 'fail', because });
    expect(target.expectation('close/binary')).toEqual({ kind: 'fail', because: 'known divergence (2026-11-24): never closes' });
  });

  it('wants every other case to pass', () => {
    expect(targetOf(WHOLE).expectation('base/relay-of-numbers#1')).toEqual({ kind: 'pass' });
    expect(targetOf(HEAD).expectation('close/binary')).toEqual({ kind: 'pass' });
  });

  it('skips what does not apply, also when a divergence lists it', () => {
    const skip = { kind: 'skip', because: 'has no subprotocol' };
    expect(targetOf(WHOLE).expectation('v1/hello')).toEqual(skip);
    expect(targetOf(WHOLE).expectation('match/equal-in-v1')).toEqual(skip);
  });

  it('tells of each pattern that fits no case, with its place', () => {
    const unused = targetOf(WHOLE).unusedPatterns(['base/relay-of-numbers#2', 'match/equal-in-v1', 'v1/hello']);
    expect(unused).toMatchObject([
      { path: FILE, message: '"close/**" fits no case: correct it or take it out', place: { line: 13, column: 59 } },
    ]);
    expect(targetOf(WHOLE).unusedPatterns([])).toHaveLength(5);
  });
});

describe('a bad target file', () => {
  it.each([
    [
      'a day that is none',
      `${HEAD}divergences: [{ date: 2026-02-30, target: x, scenarios: [] }]`,
      3,
      23,
      'expected a day such as 2026-11-23',
    ],
    [
      'a wrong basis',
      `${HEAD}divergences:\n  - { date: 2026-11-23, basis: asumed, target: x, scenarios: [] }`,
      4,
      32,
      'did you mean "assumed"?',
    ],
    ['an unknown member', `${HEAD}divergence: []`, 3, 1, 'did you mean "divergences"?'],
    ['a reason that is missing', `${HEAD}notApplicable:\n  - { date: 2026-11-23, scenarios: [] }`, 4, 5, 'the member "reason" is missing'],
    ['a name that is missing', 'about: x', 1, 1, 'the member "target" is missing'],
    [
      'one pattern in the place of a list',
      `${HEAD}notApplicable:\n  - { date: 2026-11-23, reason: x, scenarios: v1 }`,
      4,
      47,
      'expected a list',
    ],
    ['a wrong indentation', `${HEAD}divergences:\n  - row: 1\n     date: 2026-11-23`, 5, 6, 'wrong indentation'],
  ])('is refused for %s, with line and column', (_, text, line, column, message) => {
    const { target, errors } = load(text);
    expect(target).toBeUndefined();
    expect(errors[0]).toMatchObject({ path: FILE, place: { line, column }, message: expect.stringContaining(message) });
  });

  it('is refused when it is not there', () => {
    const { errors } = loadTarget(join(folder, 'none.yaml'));
    expect(errors).toMatchObject([{ source: undefined, message: expect.stringContaining('there is no such file') }]);
  });
});
