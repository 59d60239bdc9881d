import { describe, expect, it } from 'vitest';
import { NO_MISHAP, oneMore, together } from '../../../src/bench/result/mishap.js';

describe('mishaps', () => {
  it('are counted, and the first reason stays', () => {
    const refused = oneMore(oneMore(NO_MISHAP, 'forbidden'), 'closed');
    expect(refused).toEqual({ count: 2, first: 'forbidden' });
    expect(NO_MISHAP).toEqual({ count: 0, first: null });
  });

  it('of several threads are added up, with the first reason that any of them has', () => {
    expect(together([NO_MISHAP, { count: 2, first: 'gone' }, { count: 1, first: 'reset' }])).toEqual({ count: 3, first: 'gone' });
    expect(together([])).toEqual(NO_MISHAP);
  });
});
