import { describe, expect, it } from 'vitest';
import { changeText, describeVerdict } from '../../../src/bench/report/wording.js';
import { PASSED } from './fixture.js';

describe('a change', () => {
  it.each([
    [100, 133.1, 33.1, '+33.1 %'],
    [200, 199, -0.5, '−0.5 %'],
    [5, 5, 0, '0 %'],
    [0, 0, null, '0 %'],
    [0, 5, null, 'from 0'],
    [null, 5, null, 'no data'],
    [0, null, null, 'no data'],
  ])('from %j to %j, by %j percent, reads %j', (before, now, changePercent, text) => {
    expect(changeText({ rule: 'lost>+10%', before, now, unit: '', changePercent, margin: null, isRegression: false })).toBe(text);
  });
});

describe('an invalid run', () => {
  it('is not put down to a generator that was healthy', () => {
    const { generator } = PASSED;
    expect(describeVerdict({ verdict: 'invalid', generator })).toBe('invalid: it is of other settings than its baseline');
    expect(describeVerdict({ verdict: 'invalid', generator: { ...generator, isValid: false } })).toMatch(
      /^invalid: the generator was held up/,
    );
  });
});
