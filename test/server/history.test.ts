import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { countValues, type Topic } from '../../src/protocol/index.js';
import type { Entry } from '../../src/server/entry.js';
import { History, type HistoryLimits } from '../../src/server/history.js';

const A: Topic = { package: 'p', page: 'a' };
const B: Topic = { package: 'p', page: 'b' };
const LIMITS: HistoryLimits = { historyNotifications: 100, historyAgeMs: 1000, historyBytes: 1_000_000 };
/** What a payload of 200 bytes is counted as: twice its length for what is parsed of it, and 400 for the objects. */
const ENTRY_BYTES = 800;

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

/** A history in which the topics stand at offset 0 of the epoch `e`. */
function opened(limits: Partial<HistoryLimits> = {}, topics: readonly Topic[] = [A, B]): History {
  const history = new History({ ...LIMITS, ...limits });
  for (const topic of topics) history.open(topic, { epoch: 'e', offset: 0 });
  return history;
}

function add(history: History, topic: Topic, bytes = 200): Entry {
  const head = history.head(topic);
  const position = { epoch: head?.epoch ?? 'e', offset: (head?.offset ?? 0) + 1 };
  const entry = { topic, filters: {}, values: 1, payload: Buffer.alloc(bytes), position, at: performance.now(), sequence: 0 };
  history.add(entry);
  return entry;
}

function addMany(history: History, topic: Topic, count: number): void {
  for (let index = 0; index < count; index++) add(history, topic);
}

/** Offsets of what came after `offset`, or `gone`. */
function since(history: History, topic: Topic, offset: number, epoch = 'e'): readonly number[] | 'gone' {
  const entries = history.since(topic, { epoch, offset });
  return entries === 'gone' ? entries : entries.map((entry) => entry.position.offset);
}

describe('what came after a position', () => {
  const CASES: readonly [what: string, topic: Topic, offset: number, epoch: string, expected: readonly number[] | 'gone'][] = [
    ['the start, when all is kept: all of it', A, 0, 'e', [1, 2, 3]],
    ['the middle: the rest, oldest first', A, 1, 'e', [2, 3]],
    ['the head: nothing', A, 3, 'e', []],
    ['more than the head: gone', A, 4, 'e', 'gone'],
    ['another epoch: gone', A, 1, 'other', 'gone'],
    ['the start of a topic in which nothing happened: nothing', B, 0, 'e', []],
    ['a topic that nobody has opened: gone', { package: 'p', page: 'c' }, 0, 'e', 'gone'],
  ];
  test.each(CASES)('%s (R-5.4)', (_, topic, offset, epoch, expected) => {
    const history = opened();
    addMany(history, A, 3);
    expect(since(history, topic, offset, epoch)).toEqual(expected);
  });

  test('a position before the oldest that is kept is gone, the one just before it is not (R-5.4)', () => {
    const history = opened({ historyNotifications: 2 });
    addMany(history, A, 5);
    expect(since(history, A, 2)).toBe('gone');
    expect(since(history, A, 3)).toEqual([4, 5]);
    expect(since(history, A, 5)).toEqual([]);
  });

  test('a topic that is opened elsewhere goes on from there, and what it kept is dropped (R-5.6)', () => {
    const history = opened();
    addMany(history, A, 3);
    history.open(A, { epoch: 'f', offset: 7 });
    add(history, A);
    expect(history.head(A)).toEqual({ epoch: 'f', offset: 8 });
    expect(since(history, A, 2)).toBe('gone');
    expect(since(history, A, 7, 'f')).toEqual([8]);
    expect(since(history, A, 6, 'f')).toBe('gone');
    expect(history.stats).toEqual({ topics: 2, notifications: 1, bytes: ENTRY_BYTES });
  });

  test.each([
    ['skips an offset', { epoch: 'e', offset: 5 }],
    ['repeats an offset', { epoch: 'e', offset: 3 }],
    ['is of another epoch', { epoch: 'f', offset: 4 }],
  ])('an entry that %s is refused, and nothing changes', (_, position) => {
    const history = opened();
    addMany(history, A, 3);
    const wrong = { topic: A, filters: {}, values: 1, payload: Buffer.alloc(1), position, at: 0, sequence: 0 };
    expect(() => history.add(wrong)).toThrow(RangeError);
    expect(() => history.add({ ...wrong, topic: { package: 'p', page: 'c' } })).toThrow(RangeError);
    expect(history.head(A)).toEqual({ epoch: 'e', offset: 3 });
    expect(history.stats.notifications).toBe(3);
  });
});

describe('the bounds', () => {
  test('a topic keeps so many notifications, whatever others keep', () => {
    const history = opened({ historyNotifications: 3 });
    add(history, B);
    addMany(history, A, 10);
    expect(since(history, A, 7)).toEqual([8, 9, 10]);
    expect(since(history, A, 6)).toBe('gone');
    expect(since(history, B, 0)).toEqual([1]);
    expect(history.stats).toEqual({ topics: 2, notifications: 4, bytes: 4 * ENTRY_BYTES });
  });

  test('a notification is kept for its age and no longer, also when nothing else happens', () => {
    const history = opened({ historyAgeMs: 1000 });
    add(history, A);
    vi.advanceTimersByTime(600);
    add(history, A);
    vi.advanceTimersByTime(400);
    expect(since(history, A, 0)).toEqual([1, 2]);
    vi.advanceTimersByTime(1);
    expect(since(history, A, 0)).toBe('gone');
    expect(since(history, A, 1)).toEqual([2]);
  });

  test('beyond the bytes of all topics the oldest of all goes first', () => {
    const history = opened({ historyBytes: 3 * ENTRY_BYTES });
    add(history, A);
    add(history, B);
    add(history, A);
    add(history, B);
    expect(history.stats.bytes).toBe(3 * ENTRY_BYTES);
    expect(since(history, A, 0)).toBe('gone');
    expect(since(history, B, 0)).toEqual([1, 2]);
    add(history, B);
    expect(since(history, B, 0)).toBe('gone');
    expect(since(history, A, 1)).toEqual([2]);
  });

  test('one notification that is larger than all may be is not kept, and its offset is used all the same', () => {
    const history = opened({ historyBytes: 5000 });
    add(history, A, 10_000);
    expect(history.stats).toEqual({ topics: 2, notifications: 0, bytes: 0 });
    expect(history.head(A)).toEqual({ epoch: 'e', offset: 1 });
    expect(since(history, A, 0)).toBe('gone');
    expect(since(history, A, 1)).toEqual([]);
  });

  test.each([['historyNotifications'], ['historyBytes']] as const)('with %s 0 nothing is kept and order goes on', (name) => {
    const history = opened({ [name]: 0 });
    addMany(history, A, 3);
    expect(history.stats).toEqual({ topics: 2, notifications: 0, bytes: 0 });
    expect(history.head(A)).toEqual({ epoch: 'e', offset: 3 });
    expect(since(history, A, 2)).toBe('gone');
  });

  test('what is not counted any more is not held in memory any more', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const history = opened({ historyNotifications: 100 });
    const first = Array.from({ length: 40 }, () => new WeakRef(add(history, A)));
    addMany(history, A, 100);
    // A WeakRef keeps its target to the end of the turn that made it.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(first.filter((entry) => entry.deref() !== undefined)).toHaveLength(0);
    expect(history.stats.notifications).toBe(100);
  });
});

describe('the sweep', () => {
  test('drops what is too old in topics that nobody uses', () => {
    const history = opened();
    addMany(history, A, 5);
    vi.advanceTimersByTime(1001);
    history.sweep(() => true);
    expect(history.stats).toEqual({ topics: 2, notifications: 0, bytes: 0 });
  });

  test('forgets a topic that has been idle for the age of the history, and not sooner', () => {
    const history = opened();
    add(history, A);
    vi.advanceTimersByTime(600);
    add(history, B);
    vi.advanceTimersByTime(401);
    history.sweep(() => false);
    expect(history.head(A)).toBeUndefined();
    expect(history.head(B)).toEqual({ epoch: 'e', offset: 1 });
    vi.advanceTimersByTime(600);
    history.sweep(() => false);
    expect(history.stats).toEqual({ topics: 0, notifications: 0, bytes: 0 });
  });

  test('keeps a topic that somebody watches, and for the age of the history after the last one has gone (R-5.4)', () => {
    const history = opened();
    add(history, A);
    vi.advanceTimersByTime(5000);
    history.sweep((topic) => topic.page === 'a');
    expect(history.head(A)).toEqual({ epoch: 'e', offset: 1 });
    expect(history.head(B)).toBeUndefined();
    vi.advanceTimersByTime(1000);
    history.sweep(() => false);
    expect(history.head(A)).toEqual({ epoch: 'e', offset: 1 });
    vi.advanceTimersByTime(1);
    history.sweep(() => false);
    expect(history.head(A)).toBeUndefined();
  });
});

describe('topics that were asked for and never used', () => {
  const topicOf = (index: number): Topic => ({ package: 'unused', page: String(index) });

  test('are kept for who comes back, but no more than 10,000 of them', () => {
    const history = opened();
    for (let index = 0; index < 10_500; index++) {
      history.open(topicOf(index), { epoch: 'e', offset: 0 });
      history.release(topicOf(index), () => false);
    }
    expect(history.stats.topics).toBe(10_002);
    expect(history.head(topicOf(499))).toBeUndefined();
    expect(history.head(topicOf(500))).toEqual({ epoch: 'e', offset: 0 });
  });

  test('are not forgotten when they have been used, or are watched, since', () => {
    const history = opened();
    const [used, watched] = [topicOf(0), topicOf(1)];
    for (let index = 0; index < 10_500; index++) {
      history.open(topicOf(index), { epoch: 'e', offset: 0 });
      history.release(topicOf(index), (topic) => topic.page === watched.page);
      if (index === 0) add(history, used);
    }
    expect(history.head(used)).toEqual({ epoch: 'e', offset: 1 });
    expect(history.head(watched)).toEqual({ epoch: 'e', offset: 0 });
  });
});

test('an entry counts for what its filters take when they are parsed, not only for its bytes', () => {
  const history = opened({ historyBytes: 100_000 });
  const filters = { a: Array.from({ length: 2000 }, () => ({})) };
  const position = { epoch: 'e', offset: 1 };
  const values = countValues(filters);
  history.add({ topic: A, filters, values, payload: Buffer.alloc(6000), position, at: performance.now(), sequence: 0 });
  expect(history.stats).toEqual({ topics: 2, notifications: 0, bytes: 0 });
});
