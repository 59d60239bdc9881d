import { describe, expect, it } from 'vitest';
import { Completion } from '../../../src/bench/record/completion.js';
import { sendAtMost } from '../../../src/bench/traffic/send-at-most.js';

/** Sends against a broker that completes whatever is sent in the next turn, unless `isLost` says otherwise; of a late one only when others were sent behind it. */
async function sendAgainst({
  window = 3,
  count = 50,
  isLost = (_: number): boolean => false,
  isLate = (_: number): boolean => false,
} = {}) {
  const completion = new Completion();
  const sent: number[] = [];
  let ahead = 0;
  const aheadAt: number[] = [];
  const complete = new Set<number>();
  const late: number[] = [];
  const onComplete = (index: number) => {
    ahead--;
    complete.add(index);
    completion.add();
  };
  await sendAtMost({
    window,
    count,
    completion,
    isComplete: (index) => complete.has(index),
    isOver: () => false,
    send(index) {
      sent.push(index);
      aheadAt.push(++ahead);
      if (isLost(index)) return;
      if (isLate(index)) {
        late.push(index);
        return;
      }
      setImmediate(() => {
        for (const each of [...late.splice(0), index]) onComplete(each);
      });
    },
  });
  return { sent, aheadAt, mostAhead: Math.max(...aheadAt) };
}

describe('sending as much as possible', () => {
  it.each([1, 3, 16, 64])('sends all, with never more than %i ahead of what has come', async (window) => {
    const { sent, mostAhead } = await sendAgainst({ window });
    expect(sent).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(mostAhead).toBe(Math.min(50, window));
  });

  it('goes on when notifications are lost, so that a broken broker is measured too', async () => {
    const { sent } = await sendAgainst({ window: 2, count: 6, isLost: (index) => index < 2 });
    expect(sent).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps its window when what it had taken for lost comes after all', async () => {
    const { aheadAt } = await sendAgainst({ window: 2, count: 40, isLate: (index) => index < 2 });
    // With the two late ones there are four for a moment.
    expect(aheadAt.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(Math.max(...aheadAt.slice(10))).toBe(2);
  });

  it('ends when it is over', async () => {
    let sent = 0;
    await sendAtMost({
      window: 5,
      count: 1000,
      completion: new Completion(),
      isComplete: () => false,
      send: () => sent++,
      isOver: () => sent >= 5,
    });
    expect(sent).toBe(5);
  });
});
