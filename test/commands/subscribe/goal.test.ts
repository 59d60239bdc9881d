import { describe, expect, it } from 'vitest';
import { parseExpectation } from '../../../src/commands/subscribe/expectation.js';
import { Goal } from '../../../src/commands/subscribe/goal.js';

const numbered = (messageId: string) => ({ package: 'p', page: 'q', data: { messageId } });

describe('what a subscriber waits for', () => {
  it('is reached by as many notifications as are counted', () => {
    const goal = new Goal([], 2);
    goal.take(numbered('1'));
    expect([goal.isPending, goal.isReached]).toEqual([true, false]);
    goal.take(numbered('2'));
    expect([goal.isPending, goal.isReached]).toEqual([false, true]);
  });

  it('is never reached, and never pending, without a count', () => {
    const goal = new Goal([], undefined);
    goal.take(numbered('1'));
    expect([goal.isPending, goal.isReached]).toEqual([false, false]);
  });

  it('needs all expectations to hold in one notification', () => {
    const goal = new Goal([parseExpectation('data.messageId=5'), parseExpectation('page=x')], 1);
    expect(goal.take(numbered('5'))).toBe(false);
    expect(goal.take({ ...numbered('5'), page: 'x' })).toBe(true);
    expect(goal.isReached).toBe(true);
  });

  it('tells how far it got and what came instead', () => {
    const goal = new Goal([parseExpectation('data.messageId=5')], 1);
    expect(goal.describe()).toBe('0 of 1 notification with data.messageId=5 came');
    goal.take(numbered('4'));
    expect(goal.describe()).toBe('0 of 1 notification with data.messageId=5 came (1 other did, the last had data.messageId=4)');
    goal.take({ package: 'p', page: 'q' });
    expect(goal.describe()).toBe('0 of 1 notification with data.messageId=5 came (2 others did, the last had no data.messageId)');
  });

  it('names the path in the spelling of who asked for it', () => {
    const goal = new Goal([parseExpectation('/data/messageId=5')], 1);
    goal.take(numbered('4'));
    expect(goal.describe()).toBe('0 of 1 notification with /data/messageId=5 came (1 other did, the last had /data/messageId=4)');
  });
});
