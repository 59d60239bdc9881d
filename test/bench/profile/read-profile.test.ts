import { describe, expect, test } from 'vitest';
import { errorsOf, read } from './reading.js';

describe('a profile file', () => {
  test.each([
    ['a load', 'subscribers: 5\nseed: 2\n'],
    ['a map with a load', 'load: { subscribers: 5, seed: 2 }\n'],
    ['JSON', '{"subscribers": 5, "seed": 2}'],
    ['a scenario', 'id: a/b\ntitle: It holds\nrule: R-3.2\nlevel: should\nload: { subscribers: 5, seed: 2 }\n'],
  ])('may be %s', (_, text) => {
    expect(read(text)).toEqual({ subscribers: 5, seed: 2 });
  });

  test('tells everything that is wrong with it, with the line and a mark below the place', () => {
    expect(errorsOf('load:\n  subscribers: none\n  chanels: 5\n')).toBe(
      [
        'load.yaml:2:16: found the text "none", expected a whole number from 1 to 200000',
        '  2 |   subscribers: none',
        '    |                ^^^^',
        'load.yaml:3:3: there is no member "chanels": did you mean "channels"?',
        '  3 |   chanels: 5',
        '    |   ^^^^^^^',
      ].join('\n'),
    );
  });

  test('that is no YAML is refused with what is wrong', () => {
    expect(errorsOf('a: 1\n\tb: 2\n')).toContain('load.yaml:2:1: found a tab in the indentation: indent with spaces');
  });

  test('has nothing of a load beside it, where nobody would read it', () => {
    expect(errorsOf("load: { seed: 2 }\nthresholds: ['p99<1s']\n")).toBe(
      [
        'load.yaml:2:1: the member "thresholds" stands beside "load": put it into it',
        "  2 | thresholds: ['p99<1s']",
        '    | ^^^^^^^^^^',
      ].join('\n'),
    );
  });

  test('that is a scenario without a load is refused in one sentence', () => {
    const errors = errorsOf('id: a/b\ntitle: It holds\nrule: R-3.2\nlevel: should\nsteps: []\n');
    expect(errors.split('\n')[0]).toBe(
      'load.yaml:1:1: found a scenario without a member "load", expected a load, or a scenario that has one',
    );
    expect(errors.split('\n')).toHaveLength(3);
  });

  test('that is empty is refused', () => {
    expect(errorsOf('')).toContain('load.yaml:1:1: found no value (null), expected a map');
  });
});
