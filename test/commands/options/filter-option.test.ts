import { describe, expect, it } from 'vitest';
import { filtersFrom, filterTexts, parseFilter } from '../../../src/commands/options/filter-option.js';
import { matches } from '../../../src/protocol/index.js';

function filters(...texts: string[]): object {
  return filtersFrom(texts.map(parseFilter));
}

describe('--filter', () => {
  it.each([
    [['values.oee'], { values: { oee: true } }],
    [['values'], { values: true }],
    [['values=2'], { values: ['2'] }],
    [['values.channel=2,3'], { values: { channel: ['2', '3'] } }],
    [['values.channel=2', 'values.channel= 3 , 5'], { values: { channel: ['2', '3', '5'] } }],
    [['values.channel=2', 'values.oee', 'site.line=a=b'], { values: { channel: ['2'], oee: true }, site: { line: ['a=b'] } }],
  ])('%j is the filter %j', (texts, wanted) => {
    expect(filters(...texts)).toEqual(wanted);
  });

  it('accepts what its filter accepts (R-3.2)', () => {
    const subscription = { package: 'p', page: 'q', filters: filtersFrom([parseFilter('values.channel=2,3')]) };
    expect([2, '3', '4'].map((values) => matches(subscription, { package: 'p', page: 'q', filters: { values } }))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each(['', '=2', 'values.', '.oee', 'values..oee', 'values.channel=', 'values.channel=,'])(
    '%j is refused with what is expected',
    (text) => {
      expect(() => parseFilter(text)).toThrow('Expected NAME.NAME=VALUE,VALUE (one of these values) or NAME.NAME (any value).');
    },
  );

  it.each(['values={"channel":["2"]}', 'values=["2"]', 'values.channel= [2', 'values.channel=2,{'])(
    '%s is refused, as text of that kind never matches what is meant',
    (text) => {
      expect(() => parseFilter(text)).toThrow('Expected plain values, such as 2,3: use --subscriptions for JSON.');
    },
  );

  it.each([
    ['values=2', 'values.oee'],
    ['values.oee', 'values=2'],
  ])('%s and %s exclude each other', (one, other) => {
    expect(() => filters(one, other)).toThrow('exclude each other');
  });

  it('makes an own member of a name such as __proto__', () => {
    expect(Object.hasOwn(filters('__proto__.x=1'), '__proto__')).toBe(true);
  });

  it('is what the questions suggest for the same filters', () => {
    const texts = ['values.channel=2,3', 'values.oee', 'site=a'];
    expect(filterTexts(filtersFrom(texts.map(parseFilter)))).toEqual(texts);
  });
});
