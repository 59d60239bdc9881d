import { describe, expect, it } from 'vitest';
import { Positions } from '../../src/client/positions.js';

const A = { package: 'p', page: 'a' };
const B = { package: 'p', page: 'b' };

describe('Positions', () => {
  it('takes deliveries in order, and each place in it once (R-2.9)', () => {
    const positions = new Positions();
    expect(positions.advance(A, { epoch: 'k', offset: 1 })).toBe('live');
    expect(positions.advance(A, { epoch: 'k', offset: 3 })).toBe('live');
    expect(positions.advance(A, { epoch: 'k', offset: 3 })).toBe('repeat');
    expect(positions.advance(A, { epoch: 'k', offset: 2 })).toBe('repeat');
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 3 });
  });

  it('keeps topics apart', () => {
    const positions = new Positions();
    positions.advance(A, { epoch: 'k', offset: 7 });
    expect(positions.advance(B, { epoch: 'k', offset: 1 })).toBe('live');
  });

  it('follows a delivery of a new epoch, whatever the offset, and says that continuity is broken (R-5.5)', () => {
    const positions = new Positions();
    positions.advance(A, { epoch: 'k', offset: 7 });
    expect(positions.advance(A, { epoch: 'l', offset: 1 })).toBe('broken');
    expect(positions.advance(A, { epoch: 'l', offset: 2 })).toBe('live');
    expect(positions.last(A)).toMatchObject({ epoch: 'l', offset: 2 });
  });

  it('learns from a mark what was not for this client (R-5.6)', () => {
    const positions = new Positions();
    expect(positions.mark([{ ...A, epoch: 'k', offset: 9 }])).toEqual([]);
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 9 });
    expect(positions.advance(A, { epoch: 'k', offset: 9 })).toBe('repeat');
  });

  it('does not go back for a mark, and says that one of another epoch breaks continuity (R-5.6)', () => {
    const positions = new Positions();
    positions.mark([{ ...A, epoch: 'k', offset: 9 }]);
    expect(positions.mark([{ ...A, epoch: 'k', offset: 8 }])).toEqual([]);
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 9 });
    expect(positions.mark([{ ...A, epoch: 'l', offset: 2 }])).toEqual([{ ...A, epoch: 'l', offset: 2 }]);
    expect(positions.last(A)).toMatchObject({ epoch: 'l', offset: 2 });
  });

  it('starts where the acknowledgement says, and forgets topics that it does not name (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([
      { ...A, epoch: 'k', offset: 9 },
      { ...B, epoch: 'k', offset: 4 },
    ]);
    positions.restart([{ ...A, epoch: 'k', offset: 12 }], false);
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 12 });
    expect(positions.last(B)).toBeUndefined();
  });

  it('lets the replay of a recovered topic come, which lies before the acknowledged position (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    const topic = { ...A, epoch: 'k', offset: 12, recovered: true, replayed: 2 };
    expect(positions.restart([topic], true)).toEqual({ recovered: [topic], lost: [] });
    expect(positions.advance(A, { epoch: 'k', offset: 10 })).toBe('replay');
    expect(positions.of([A])).toEqual([{ ...A, epoch: 'k', offset: 10 }]);
  });

  it('stands at the acknowledged position only when all of the replay has come (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    positions.restart([{ ...A, epoch: 'k', offset: 19, recovered: true, replayed: 2 }], true);
    positions.advance(A, { epoch: 'k', offset: 10 });
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 10 });
    expect(positions.advance(A, { epoch: 'k', offset: 15 })).toBe('replay');
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 19 });
  });

  it('stands at the acknowledged position at once when there is nothing to replay (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    positions.restart([{ ...A, epoch: 'k', offset: 19, recovered: true, replayed: 0 }], true);
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 19 });
  });

  it.each([
    ['is not recovered', { epoch: 'k', offset: 12, recovered: false, replayed: 0 }],
    ['has another epoch', { epoch: 'l', offset: 3, recovered: true, replayed: 3 }],
    ['comes back from a broker that does not resume', { epoch: 'k', offset: 12 }],
  ])('tells of a known topic that %s, and goes on from where it stands (R-5.4)', (_, found) => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    const { epoch, offset } = found;
    expect(positions.restart([{ ...A, ...found }], true)).toEqual({ recovered: [], lost: [{ ...A, epoch, offset }] });
    expect(positions.last(A)).toMatchObject({ epoch, offset });
  });

  it('tells nothing of a topic that is new, nor of a set that replaces another on the same line (R-5.4)', () => {
    const positions = new Positions();
    expect(positions.restart([{ ...A, epoch: 'k', offset: 9 }], true).lost).toEqual([]);
    expect(positions.restart([{ ...A, epoch: 'k', offset: 12 }], false).lost).toEqual([]);
  });

  it('gives what is known of the topics of a set, each once (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([
      { ...A, epoch: 'k', offset: 9 },
      { ...B, epoch: 'm', offset: 4 },
    ]);
    expect(positions.of([B, { ...B }, { package: 'p', page: 'c' }])).toEqual([{ ...B, epoch: 'm', offset: 4 }]);
  });

  it('forgets all of it', () => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    positions.forget([]);
    expect(positions.last(A)).toBeUndefined();
  });

  it('keeps the replays of several topics apart, each with a position of its own until its end (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([
      { ...A, epoch: 'k', offset: 9 },
      { ...B, epoch: 'm', offset: 4 },
    ]);
    positions.restart(
      [
        { ...A, epoch: 'k', offset: 19, recovered: true, replayed: 1 },
        { ...B, epoch: 'm', offset: 8, recovered: true, replayed: 2 },
      ],
      true,
    );
    expect(positions.advance(A, { epoch: 'k', offset: 12 })).toBe('replay');
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 19 });
    expect(positions.last(B)).toMatchObject({ epoch: 'm', offset: 4 });
    expect(positions.advance(B, { epoch: 'm', offset: 5 })).toBe('replay');
    expect(positions.of([A, B])).toEqual([
      { ...A, epoch: 'k', offset: 19 },
      { ...B, epoch: 'm', offset: 5 },
    ]);
  });

  it.each([
    ['a reset', (positions: Positions) => positions.reset([{ ...A, epoch: 'l', offset: 0 }]), { epoch: 'l', offset: 0 }],
    ['a mark', (positions: Positions) => positions.mark([{ ...A, epoch: 'k', offset: 20 }]), { epoch: 'k', offset: 20 }],
    ['a new epoch', (positions: Positions) => positions.advance(A, { epoch: 'l', offset: 1 }), { epoch: 'l', offset: 1 }],
    ['a later delivery', (positions: Positions) => positions.advance(A, { epoch: 'k', offset: 20 }), { epoch: 'k', offset: 20 }],
    ['another set', (positions: Positions) => positions.restart([{ ...A, epoch: 'k', offset: 20 }], false), { epoch: 'k', offset: 20 }],
  ])('ends a replay at %s, and stands there (R-5.4, R-5.6)', (_, happen, last) => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    positions.restart([{ ...A, epoch: 'k', offset: 19, recovered: true, replayed: 5 }], true);
    positions.advance(A, { epoch: 'k', offset: 10 });
    happen(positions);
    expect(positions.last(A)).toMatchObject(last);
    expect(positions.advance(A, { epoch: last.epoch, offset: last.offset + 1 })).toBe('live');
  });

  it('does not take the set after the first of a line for a resume, whatever it says (R-5.4)', () => {
    const positions = new Positions();
    positions.reset([{ ...A, epoch: 'k', offset: 9 }]);
    const again = { ...A, epoch: 'k', offset: 9, recovered: true, replayed: 2 };
    expect(positions.restart([again], false)).toEqual({ recovered: [], lost: [] });
    expect(positions.advance(A, { epoch: 'k', offset: 8 })).toBe('repeat');
  });

  it('lets a rewind come, and stands behind it only when all of it has come (R-5.4)', () => {
    const positions = new Positions();
    expect(positions.isNew(A)).toBe(true);
    expect(positions.restart([{ ...A, epoch: 'k', offset: 19, rewound: 2, complete: false }], true)).toEqual({ recovered: [], lost: [] });
    // Nothing of it has come: a line that breaks now leaves all of it to be asked for again.
    expect(positions.isNew(A)).toBe(true);
    expect(positions.of([A])).toEqual([]);
    expect(positions.advance(A, { epoch: 'k', offset: 11 })).toBe('rewind');
    expect(positions.isNew(A)).toBe(false);
    expect(positions.of([A])).toEqual([{ ...A, epoch: 'k', offset: 11 }]);
    expect(positions.advance(A, { epoch: 'k', offset: 15 })).toBe('rewind');
    expect(positions.last(A)).toMatchObject({ epoch: 'k', offset: 19 });
  });

  it.each([
    ['no more was published', { epoch: 'k', offset: 19, rewound: 2, complete: false }, 0],
    ['all of the topic comes', { epoch: 'k', offset: 40, rewound: 9, complete: true }, 0],
    ['what was live by then may be left out', { epoch: 'k', offset: 40, rewound: 2, complete: false }, 1],
    ['the epoch is another', { epoch: 'l', offset: 19, rewound: 2, complete: false }, 1],
  ])('tells of a rewind that has to begin anew what is lost: %s (R-5.4)', (_, found, lost) => {
    const positions = new Positions();
    positions.restart([{ ...A, epoch: 'k', offset: 19, rewound: 2, complete: false }], true);
    expect(positions.restart([{ ...A, ...found }], true).lost).toHaveLength(lost);
  });

  it('has nothing new in a topic that was told without positions', () => {
    const positions = new Positions();
    positions.forget([A]);
    expect([positions.isNew(A), positions.isNew(B)]).toEqual([false, true]);
  });
});
