import { describe, expect, it } from 'vitest';
import { Positions } from '../../src/client/positions.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };

describe('Positions', () => {
  it('takes deliveries in order, and each place in it once (R-2.9)', () => {
    const positions = new Positions();
    expect(positions.advance(A, { epoch: 'k', offset: 1 })).toBe(true);
    expect(positions.advance(A, { epoch: 'k', offset: 3 })).toBe(true);
    expect(positions.advance(A, { epoch: 'k', offset: 3 })).toBe(false);
    expect(positions.advance(A, { epoch: 'k', offset: 2 })).toBe(false);
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 3 });
  });

  it('keeps topics apart', () => {
    const positions = new Positions();
    positions.advance(A, { epoch: 'k', offset: 7 });
    expect(positions.advance(B, { epoch: 'k', offset: 1 })).toBe(true);
  });

  it('begins again with a new epoch, whatever the offset', () => {
    const positions = new Positions();
    positions.advance(A, { epoch: 'k', offset: 7 });
    expect(positions.advance(A, { epoch: 'l', offset: 1 })).toBe(true);
  });

  it('learns from a mark what was not for this client (R-5.6)', () => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 9 });
    expect(positions.advance(A, { epoch: 'k', offset: 9 })).toBe(false);
  });

  it('starts where the acknowledgement says, and forgets topics that it does not name (R-5.4)', () => {
    const positions = new Positions();
    positions.note([
      { ...A, epoch: 'k', offset: 9 },
      { ...B, epoch: 'k', offset: 4 },
    ]);
    positions.restart([{ ...A, epoch: 'k', offset: 12 }]);
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 12 });
    expect(positions.last(B)).toBeUndefined();
  });

  it('lets the replay of a recovered topic come: it lies before the acknowledged position (R-5.4)', () => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    positions.restart([{ ...A, epoch: 'k', offset: 12, recovered: true, replayed: 2 }]);
    expect(positions.advance(A, { epoch: 'k', offset: 10 })).toBe(true);
  });
});
