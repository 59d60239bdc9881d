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
    positions.restart([{ ...A, epoch: 'k', offset: 12 }], false);
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 12 });
    expect(positions.last(B)).toBeUndefined();
  });

  it('lets the replay of a recovered topic come, which lies before the acknowledged position (R-5.4)', () => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    const topic = { ...A, epoch: 'k', offset: 12, recovered: true, replayed: 2 };
    expect(positions.restart([topic], true)).toEqual({ recovered: [topic], lost: [] });
    expect(positions.advance(A, { epoch: 'k', offset: 10 })).toBe(true);
    expect(positions.of([A])).toEqual([{ ...A, epoch: 'k', offset: 10 }]);
  });

  it('stands at the acknowledged position only when all of the replay has come (R-5.4)', () => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    positions.restart([{ ...A, epoch: 'k', offset: 19, recovered: true, replayed: 2 }], true);
    positions.advance(A, { epoch: 'k', offset: 10 });
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 10 });
    expect(positions.advance(A, { epoch: 'k', offset: 15 })).toBe(true);
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 19 });
  });

  it('stands at the acknowledged position at once when there is nothing to replay (R-5.4)', () => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    positions.restart([{ ...A, epoch: 'k', offset: 19, recovered: true, replayed: 0 }], true);
    expect(positions.last(A)).toEqual({ epoch: 'k', offset: 19 });
  });

  it.each([
    ['is not recovered', { epoch: 'k', offset: 12, recovered: false, replayed: 0 }],
    ['has another epoch', { epoch: 'l', offset: 3, recovered: true, replayed: 3 }],
    ['comes back from a broker that does not resume', { epoch: 'k', offset: 12 }],
  ])('tells of a known topic that %s, and goes on from where it stands (R-5.4)', (_, found) => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    const { epoch, offset } = found;
    expect(positions.restart([{ ...A, ...found }], true)).toEqual({ recovered: [], lost: [{ ...A, epoch, offset }] });
    expect(positions.last(A)).toEqual({ epoch, offset });
  });

  it('tells nothing of a topic that is new, nor of a set that replaces another on the same line (R-5.4)', () => {
    const positions = new Positions();
    expect(positions.restart([{ ...A, epoch: 'k', offset: 9 }], true).lost).toEqual([]);
    expect(positions.restart([{ ...A, epoch: 'k', offset: 12 }], false).lost).toEqual([]);
  });

  it('gives what is known of the topics of a set, each once (R-5.4)', () => {
    const positions = new Positions();
    positions.note([
      { ...A, epoch: 'k', offset: 9 },
      { ...B, epoch: 'm', offset: 4 },
    ]);
    expect(positions.of([{ ...B, filters: { values: '2' } }, B, { package: 'p', page: 'c' }])).toEqual([{ ...B, epoch: 'm', offset: 4 }]);
  });

  it('forgets all of it, and says what it was', () => {
    const positions = new Positions();
    positions.note([{ ...A, epoch: 'k', offset: 9 }]);
    expect(positions.forget()).toEqual([{ ...A, epoch: 'k', offset: 9 }]);
    expect(positions.last(A)).toBeUndefined();
  });
});
