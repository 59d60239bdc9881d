import { describe, expect, test } from 'vitest';
import type { Position, Topic } from '../../../src/protocol/index.js';
import type { Entry } from '../../../src/server/entry.js';
import type { Downstream, Outcome } from '../../../src/server/feed/feed.js';
import { MemoryFeed } from '../../../src/server/feed/memory.js';
import { History } from '../../../src/server/history.js';

const A: Topic = { package: 'p', page: 'a' };
const B: Topic = { package: 'p', page: 'b' };

/** A feed whose downstream notes what it is handed, and fails when `deliver` throws. */
function feedWith(deliver: (entry: Entry) => number = () => 1) {
  const history = new History({ historyNotifications: 100, historyAgeMs: 60_000, historyBytes: 1_000_000 });
  const delivered: Entry[] = [];
  const resets: { topic: Topic; position: Position; because: unknown }[] = [];
  const downstream: Downstream = {
    deliver(entry) {
      delivered.push(entry);
      return deliver(entry);
    },
    reset(topic, position, because) {
      resets.push({ topic, position, because });
    },
  };
  const feed = new MemoryFeed(history, downstream);
  return { feed, history, delivered, resets, append: (topic: Topic, text = '{}') => append(feed, topic, text) };
}

/** Appends and returns how it was settled, which is within the call. */
function append(feed: MemoryFeed, topic: Topic, text: string): Outcome {
  const outcomes: Outcome[] = [];
  feed.append({ topic, filters: { values: '2' }, payload: Buffer.from(text) }, (outcome) => outcomes.push(outcome));
  expect(outcomes).toHaveLength(1);
  return outcomes[0] as Outcome;
}

describe('order', () => {
  test('the first of a topic is 1 and each one more, in an epoch of the topic alone (R-5.4, R-5.5)', () => {
    const { feed, append, delivered } = feedWith();
    for (const topic of [A, B, A, A, B]) append(topic);
    expect(delivered.map((entry) => `${entry.topic.page}${entry.position.offset}`)).toEqual(['a1', 'b1', 'a2', 'a3', 'b2']);
    expect(new Set(delivered.map((entry) => entry.position.epoch)).size).toBe(2);
    expect(feed.head(A)).toEqual({ epoch: delivered[0]?.position.epoch, offset: 3 });
  });

  test('a topic that nobody has used stands at 0, and keeps the epoch that it was given (R-5.4)', () => {
    const { feed, append } = feedWith();
    const head = feed.head(A);
    expect(head.offset).toBe(0);
    expect(feed.head(A)).toEqual(head);
    expect(append(A)).toEqual({ kind: 'appended', position: { epoch: head.epoch, offset: 1 }, matched: 1 });
  });

  test('no two lives of a topic share an epoch (R-5.5)', () => {
    const epochs = Array.from({ length: 1000 }, () => feedWith().feed.head(A).epoch);
    expect(new Set(epochs).size).toBe(1000);
    for (const epoch of epochs) expect(epoch).toMatch(/^[\w-]{8}$/);
  });

  test('entries of a topic share one topic, so that the history keeps its names once', () => {
    const { append, delivered } = feedWith();
    for (const topic of [A, B, A]) append({ ...topic });
    expect(delivered.map((entry) => entry.topic)).toEqual([A, B, A]);
    expect(delivered[2]?.topic).toBe(delivered[0]?.topic);
  });

  test('an entry is in the history before it is fanned out, and the receipt tells how many got it (R-5.7)', () => {
    let isLogged = false;
    const setup = feedWith((entry) => {
      isLogged = setup.history.head(A)?.offset === entry.position.offset;
      return 12;
    });
    expect(setup.append(A, '{"package":"p"}')).toMatchObject({ kind: 'appended', matched: 12 });
    expect(isLogged).toBe(true);
    const [entry] = setup.delivered;
    expect(setup.history.since(A, { epoch: entry?.position.epoch ?? '', offset: 0 })).toEqual([entry]);
    expect(entry?.payload.toString()).toBe('{"package":"p"}');
  });
});

describe('a fan-out that fails', () => {
  const bug = new Error('a bug');

  test('is told to the publisher as internal, never as a receipt (R-2.10, R-5.9)', () => {
    const { append } = feedWith(() => {
      throw bug;
    });
    const outcome = append(A);
    expect(outcome.kind).toBe('failed');
    expect(outcome.kind === 'failed' && outcome.error).toMatchObject({ code: 'internal', retry: true });
    expect(outcome.kind === 'failed' && outcome.error.message).not.toContain('bug');
  });

  test('begins a new epoch of its topic, tells its subscribers and loses nothing of other topics (R-5.6)', () => {
    let isFailing = false;
    const { feed, history, append, resets } = feedWith(() => {
      if (isFailing) throw bug;
      return 1;
    });
    append(A);
    append(B);
    const [before, other] = [feed.head(A), feed.head(B)];
    isFailing = true;
    append(A);
    isFailing = false;
    const after = feed.head(A);
    expect(after.epoch).not.toBe(before.epoch);
    expect(after.offset).toBe(0);
    expect(resets).toEqual([{ topic: A, position: after, because: bug }]);
    expect(history.since(A, before)).toBe('gone');
    expect(feed.head(B)).toEqual(other);
    expect(append(A)).toMatchObject({ kind: 'appended', position: { epoch: after.epoch, offset: 1 } });
  });
});
