import { afterEach, describe, expect, test, vi } from 'vitest';
import { newGroup } from '../../src/server/registry/group.js';
import type { Replay } from '../../src/server/replay.js';
import { SharedReplays } from '../../src/server/shared-replays.js';

const TOPIC = { package: 'p', page: 'q' };
const ASKED = { group: newGroup(TOPIC, ''), from: { ...TOPIC, epoch: 'e', offset: 1 }, head: { epoch: 'e', offset: 9 }, maxBytes: 100 };
const FOUND: Replay = { recovered: true, frames: [Buffer.alloc(100)], bytes: 100 };
const LOST: Replay = { recovered: false, frames: [], bytes: 0 };

afterEach(() => vi.useRealTimers());

describe('a replay', () => {
  test('is looked for once for all of a group who come back to the same place within a second (R-5.4)', () => {
    vi.useFakeTimers();
    const replays = new SharedReplays();
    const find = vi.fn(() => FOUND);
    for (let count = 0; count < 3; count++) expect(replays.of(ASKED, find)).toBe(FOUND);
    expect(find).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    replays.of(ASKED, find);
    expect(find).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['another group', { group: newGroup(TOPIC, '') }],
    ['another offset', { from: { ...ASKED.from, offset: 2 } }],
    ['another epoch', { from: { ...ASKED.from, epoch: 'f' } }],
    ['a topic that has moved', { head: { epoch: 'e', offset: 10 } }],
    ['a topic that has begun again', { head: { epoch: 'f', offset: 9 } }],
  ])('is another one for %s (R-5.4)', (_, other) => {
    const replays = new SharedReplays();
    replays.of(ASKED, () => FOUND);
    expect(replays.of({ ...ASKED, ...other }, () => LOST)).toBe(LOST);
  });

  test('is nothing for who has less room than it takes (R-5.4)', () => {
    const replays = new SharedReplays();
    replays.of(ASKED, () => FOUND);
    expect(replays.of({ ...ASKED, maxBytes: 99 }, () => FOUND)).toEqual(LOST);
  });

  test('that was too much for one message may be had by another (R-5.4)', () => {
    const replays = new SharedReplays();
    expect(replays.of(ASKED, () => LOST)).toBe(LOST);
    expect(replays.of(ASKED, () => FOUND)).toBe(FOUND);
  });
});
