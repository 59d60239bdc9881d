import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Filters, matches } from '../../../src/protocol/index.js';
import { witnessFilters } from '../../../src/scenario/run/witness.js';
import { filters } from '../../protocol/arbitraries.js';

const topic = { package: 'p', page: 'q' };

describe('the filters of a fence', () => {
  it.each([
    [{}, {}],
    [{ values: true }, { values: 'fence' }],
    [{ values: { channel: ['2', '3'] } }, { values: { channel: '2' } }],
    [
      { a: { b: {} }, c: null },
      { a: { b: 'fence' }, c: null },
    ],
    [{ values: [{ a: 1 }, 7] }, { values: 7 }],
    [{ values: { a: [], b: { c: 'x' } } }, { values: 'x' }],
    [JSON.parse('{"__proto__":"x"}'), JSON.parse('{"__proto__":"x"}')],
  ])('for %j are %j', (wanted, given) => {
    expect(witnessFilters({ ...topic, filters: wanted })).toEqual(given);
  });

  it.each([[{ values: [] }], [{ values: [{}] }], [{ a: true, b: [[]] }]])('do not exist for %j, which nothing can match', (filters) => {
    expect(witnessFilters({ ...topic, filters })).toBeUndefined();
  });

  it('exist whenever a notification can match (R-3.2)', () => {
    const law = fc.property(filters, filters, (wanted, given) => {
      const subscription = { ...topic, filters: wanted as Filters };
      fc.pre(matches(subscription, { ...topic, filters: given as Filters }));
      expect(witnessFilters(subscription)).toBeDefined();
    });
    fc.assert(law, { numRuns: 200, maxSkipsPerRun: 1000 });
  });
});
