import { describe, expect, test } from 'vitest';
import type { GrantList, Json, Subscription } from '../../src/protocol/index.js';
import { encodeDelivery, type Frame } from '../../src/server/frame.js';
import type { History } from '../../src/server/history.js';
import { replay as replayWith } from '../../src/server/replay.js';
import { ReplayFrames } from '../../src/server/replay-frames.js';
import { messagesIn } from './fake-socket.js';
import { fill, means, newHistory } from './kept-history.js';

const TOPIC = { package: 'p', page: 'q' };
const EVERYTHING: readonly Subscription[] = [TOPIC];

type Request = Omit<Parameters<typeof replayWith>[1], 'frames' | 'granted' | 'effort'> & { readonly grants: GrantList };

/** A replay by somebody who comes back alone. */
function replay(history: History, { grants, ...request }: Request): ReturnType<typeof replayWith> {
  return replayWith(history, { ...request, ...means(grants), frames: new ReplayFrames() });
}

/** A topic with one notification for each of `values`, at the offsets from 1. */
function historyOf(values: readonly Json[], limit = 10_000): History {
  return fill(newHistory(limit), TOPIC, values);
}

function from(offset: number, epoch = 'e'): { package: string; page: string; epoch: string; offset: number } {
  return { ...TOPIC, epoch, offset };
}

function offsetsOf(frames: readonly Frame[]): number[] {
  return messagesIn(frames).map((message) => JSON.parse(message).position.offset);
}

const NOTHING = { recovered: false, frames: [], bytes: 0 };
const ROOM = 1_000_000;

describe('what a client has missed', () => {
  test('is every notification after its offset, oldest first, as it would have been delivered (R-5.4)', () => {
    const answer = replay(historyOf(['2', '3', '4']), { subscriptions: EVERYTHING, grants: 'all', from: from(1), maxBytes: ROOM });
    expect(answer.recovered).toBe(true);
    expect(offsetsOf(answer.frames)).toEqual([2, 3]);
    expect(answer.bytes).toBe(answer.frames.reduce((sum, frame) => sum + frame.length, 0));
    const payload = Buffer.from('{ "package":"p", "page":"q", "filters":{"values":"3"} }');
    expect(answer.frames[0]?.equals(encodeDelivery(payload, { epoch: 'e', offset: 2 }))).toBe(true);
  });

  test('is only what its subscriptions match, each once, whichever of them matches (R-5.4, R-2.9)', () => {
    const subscriptions = [
      { ...TOPIC, filters: { values: ['2', '3'] } },
      { ...TOPIC, filters: { values: '3' } },
    ];
    const answer = replay(historyOf(['2', '4', '3', '4', '2']), { subscriptions, grants: 'all', from: from(0), maxBytes: ROOM });
    expect(answer.recovered).toBe(true);
    expect(offsetsOf(answer.frames)).toEqual([1, 3, 5]);
  });

  test('is nothing for a client that has seen the last, and it is recovered (R-5.4)', () => {
    expect(replay(historyOf(['2']), { subscriptions: EVERYTHING, grants: 'all', from: from(1), maxBytes: ROOM })).toEqual({
      ...NOTHING,
      recovered: true,
    });
  });
});

describe('what a client may hear of what it has missed', () => {
  const subscriptions = [{ ...TOPIC, filters: { values: ['2', '3'] } }];

  test.each<[string, GrantList, number[]]>([
    ['a grant and a subscription match', [{ ...TOPIC, filters: { values: ['3', '4'] } }], [3]],
    ['its subscriptions match when a grant has no filters', [{ package: '*', page: 'q' }], [1, 3, 5]],
    ['is left when no grant names the topic: nothing', [{ package: 'p', page: 'another' }], []],
  ])('is what %s (R-7.3)', (_, grants, offsets) => {
    const answer = replay(historyOf(['2', '4', '3', '4', '2']), { subscriptions, grants, from: from(0), maxBytes: ROOM });
    expect([answer.recovered, offsetsOf(answer.frames)]).toEqual([true, offsets]);
  });

  test('fits when what its grants keep back would not (R-7.3, R-5.4)', () => {
    const history = historyOf([...Array<string>(1000).fill('2'), '3', '3']);
    const grants = [{ ...TOPIC, filters: { values: '3' } }];
    expect(offsetsOf(replay(history, { subscriptions, grants, from: from(0), maxBytes: ROOM }).frames)).toEqual([1001, 1002]);
  });
});

describe('not recovered, and nothing is replayed', () => {
  test('after another epoch (R-5.4)', () => {
    expect(replay(historyOf(['2']), { subscriptions: EVERYTHING, grants: 'all', from: from(0, 'f'), maxBytes: ROOM })).toEqual(NOTHING);
  });

  test('from an offset that this broker has not reached (R-5.4)', () => {
    expect(replay(historyOf(['2']), { subscriptions: EVERYTHING, grants: 'all', from: from(2), maxBytes: ROOM })).toEqual(NOTHING);
  });

  test('when something after the offset has been trimmed, also something that would not have matched (R-5.4)', () => {
    const history = historyOf(['4', '2', '2'], 2);
    const subscriptions = [{ ...TOPIC, filters: { values: '2' } }];
    expect(replay(history, { subscriptions, grants: 'all', from: from(0), maxBytes: ROOM })).toEqual(NOTHING);
    expect(offsetsOf(replay(history, { subscriptions, grants: 'all', from: from(1), maxBytes: ROOM }).frames)).toEqual([2, 3]);
  });

  test('when more than 1,000 match; what does not match is not counted (R-5.4)', () => {
    const history = historyOf([...Array<string>(1000).fill('2'), ...Array<string>(500).fill('4'), '2']);
    const subscriptions = [{ ...TOPIC, filters: { values: '2' } }];
    expect(replay(history, { subscriptions, grants: 'all', from: from(0), maxBytes: ROOM })).toEqual(NOTHING);
    const answer = replay(history, { subscriptions, grants: 'all', from: from(1), maxBytes: ROOM });
    expect([answer.recovered, answer.frames.length]).toEqual([true, 1000]);
  });

  test('when it is one byte more than there is room for (R-5.4)', () => {
    const history = historyOf(['2', '3', '4']);
    const { bytes } = replay(history, { subscriptions: EVERYTHING, grants: 'all', from: from(0), maxBytes: ROOM });
    expect(replay(history, { subscriptions: EVERYTHING, grants: 'all', from: from(0), maxBytes: bytes }).frames).toHaveLength(3);
    expect(replay(history, { subscriptions: EVERYTHING, grants: 'all', from: from(0), maxBytes: bytes - 1 })).toEqual(NOTHING);
  });
});

describe('the work of a resume', () => {
  const MANY = Array.from({ length: 10_000 }, () => '2');

  test('is not that of all subscriptions for each notification: 1,000 that want other values cost nothing (R-5.4)', () => {
    const subscriptions = Array.from({ length: 1000 }, (_, index) => ({ ...TOPIC, filters: { values: `other ${index}` } }));
    const answer = replay(historyOf(MANY), { subscriptions, grants: 'all', from: from(0), maxBytes: ROOM });
    expect(answer).toEqual({ recovered: true, frames: [], bytes: 0 });
  });

  test('is bounded: a set that has to be compared too often is not recovered (R-5.4)', () => {
    // Each of these meets every notification in the index, and only a comparison tells that no element has both members.
    const history = historyOf(MANY.map(() => [{ a: '1' }, { b: '1' }]));
    const subscriptions = Array.from({ length: 100 }, () => ({ ...TOPIC, filters: { values: { a: '1', b: '1' } } }));
    expect(replay(history, { subscriptions, grants: 'all', from: from(0), maxBytes: ROOM })).toEqual(NOTHING);
    const few = subscriptions.slice(0, 3);
    expect(replay(history, { subscriptions: few, grants: 'all', from: from(0), maxBytes: ROOM })).toMatchObject({ recovered: true });
  });

  test('is bounded with grants too: they cost what they would as subscriptions (R-7.3, R-5.4)', () => {
    const history = historyOf(MANY.map(() => [{ a: '1' }, { b: '1' }]));
    const grants = Array.from({ length: 100 }, () => ({ ...TOPIC, filters: { values: { a: '1', b: '1' } } }));
    const request = { subscriptions: EVERYTHING, from: from(0), maxBytes: ROOM };
    expect(replay(history, { ...request, grants })).toEqual(NOTHING);
    expect(replay(history, { ...request, grants: grants.slice(0, 3) })).toMatchObject({ recovered: true });
    const others = Array.from({ length: 1000 }, (_, index) => ({ ...TOPIC, filters: { values: `other ${index}` } }));
    expect(replay(history, { ...request, grants: others })).toMatchObject({ recovered: true, frames: [] });
  });
});
