import { describe, expect, it } from 'vitest';
import { Completion } from '../../../src/bench/record/completion.js';
import { sendAtMost } from '../../../src/bench/traffic/send-at-most.js';

/** Sends against a broker that completes whatever is sent in the next turn, unless `isLost` says otherwise. */
async function sendAgainst({ window = 3, count = 50, isLost = (_: number): boolean => false } = {}) {
  const completion = new Completion();
  const sent: number[] = [];
  let ahead = 0;
  let mostAhead = 0;
  await sendAtMost({
    window,
    count,
    completion,
    isOver: () => false,
    send(index) {
      sent.push(index);
      mostAhead = Math.max(mostAhead, ++ahead);
      if (isLost(index)) return;
      setImmediate(() => {
        ahead--;
        completion.add();
      });
    },
  });
  return { sent, mostAhead };
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

  it('ends when it is over', async () => {
    let sent = 0;
    await sendAtMost({ window: 5, count: 1000, completion: new Completion(), send: () => sent++, isOver: () => sent >= 5 });
    expect(sent).toBe(5);
  });
});
