import { describe, expect, test } from 'vitest';
import type { GrantList, Json, Subscription } from '../../src/protocol/index.js';
import { Past } from '../../src/server/past.js';
import { newGroup } from '../../src/server/registry/group.js';
import { ReplayFrames } from '../../src/server/replay-frames.js';
import { type Rewound, rewind as rewindWith } from '../../src/server/rewind.js';
import { SharedReplays } from '../../src/server/shared-replays.js';
import { FakePeer } from './fake-peer.js';
import { messagesIn } from './fake-socket.js';
import { fill, means, newHistory } from './kept-history.js';

const TOPIC = { package: 'p', page: 'q' };
const MAX_BYTES = 1_000_000;

interface Asked {
  readonly values: readonly Json[];
  readonly subscriptions: readonly Subscription[];
  readonly grants?: GrantList;
}

function rewind({ values, subscriptions, grants = 'all' }: Asked): Rewound {
  const history = fill(newHistory(), TOPIC, values);
  return rewindWith(history, { topic: TOPIC, subscriptions, ...means(grants), maxBytes: MAX_BYTES, frames: new ReplayFrames() });
}

function offsetsOf({ frames }: Pick<Rewound, 'frames'>): number[] {
  return messagesIn(frames).map((message) => JSON.parse(message).position.offset);
}

/** What is found by an index, but can only be refused by a comparison: no element has both members. */
const HARD = [{ a: '1' }, { b: '1' }];

function hard(count: number): readonly Subscription[] {
  return Array.from({ length: count }, () => ({ ...TOPIC, filters: { values: { a: '1', b: '1' } } }));
}

describe('what grants keep back', () => {
  test('is not counted as the last of what a subscription matches (R-5.4, R-7.3)', () => {
    const grants = [{ ...TOPIC, filters: { values: '2' } }];
    const found = rewind({ values: ['2', '2', '3', '2', '3'], subscriptions: [{ ...TOPIC, rewind: 2 }], grants });
    expect([offsetsOf(found), found.isComplete]).toEqual([[2, 4], false]);
  });

  test('is everything where no grant names the topic, and that is complete (R-5.4, R-7.3)', () => {
    const found = rewind({ values: ['2'], subscriptions: [{ ...TOPIC, rewind: 2 }], grants: [{ ...TOPIC, page: 'other' }] });
    expect([offsetsOf(found), found.isComplete]).toEqual([[], true]);
  });
});

describe('the work of a rewind', () => {
  const OTHERS = Array.from({ length: 600 }, (_, index) => `other ${index}`);

  test('is not that of all values for each notification: the only one that matches is found behind 9,999 others (R-5.4)', () => {
    const values = ['2', ...Array.from({ length: 9999 }, () => ['x', 'y', 'z'])];
    const found = rewind({ values, subscriptions: [{ ...TOPIC, filters: { values: [...OTHERS, '2'] }, rewind: 1 }] });
    expect([offsetsOf(found), found.isComplete]).toEqual([[1], true]);
  });

  test('is not that of all grants for each notification (R-5.4, R-7.3)', () => {
    const values = ['2', ...Array.from({ length: 9999 }, () => 'x')];
    const grants = [...OTHERS, '2'].map((value) => ({ ...TOPIC, filters: { values: value } }));
    const found = rewind({ values, subscriptions: [{ ...TOPIC, rewind: 1 }], grants });
    expect([offsetsOf(found), found.isComplete]).toEqual([[1], true]);
  });

  test.each([
    ['subscriptions', hard(100).map((one) => ({ ...one, rewind: 1 })), 'all' as const],
    ['grants', [{ ...TOPIC, rewind: 1 }], hard(100)],
  ])('is bounded where %s have to be compared too often: what is further back is left out (R-5.4)', (_, subscriptions, grants) => {
    const values = [{ a: '1', b: '1' }, ...Array.from({ length: 9999 }, () => HARD)];
    expect(rewind({ values, subscriptions, grants })).toMatchObject({ frames: [], isComplete: false });
    const few = { subscriptions: subscriptions.slice(0, 3), grants: grants === 'all' ? grants : grants.slice(0, 3) };
    const found = rewind({ values, ...few });
    expect([offsetsOf(found), found.isComplete]).toEqual([[1], true]);
  });
});

/** What nobody has asked for before. */
function kept() {
  return { maxBytes: MAX_BYTES, frames: new ReplayFrames(), replays: new SharedReplays() };
}

describe('the work for one message', () => {
  test('is bounded for all of its topics together, what is resumed and what is rewound each (R-5.4)', () => {
    const topics = [1, 2, 3].map((number) => ({ ...TOPIC, page: `q${number}` }));
    const history = newHistory();
    const few = Array.from({ length: 9999 }, () => HARD);
    for (const topic of topics) fill(history, topic, [{ a: '1', b: '1' }, ...few]);
    const subscriptions = topics.flatMap(({ page }) => hard(3).map((one) => ({ ...one, page, rewind: 1 })));
    const resume = topics.map((topic) => ({ ...topic, epoch: 'e', offset: 0 }));
    const message = { kind: 'subscribe', subscriptions, resume } as const;
    const past = new Past(history, { ...kept(), peer: new FakePeer('c', 'v1'), message });
    expect(topics.map((topic) => past.of(newGroup(topic, '')))).toEqual([
      { recovered: true, replayed: 1 },
      { recovered: false, replayed: 0, rewound: 1, complete: true },
      { recovered: false, replayed: 0, rewound: 0, complete: false },
    ]);
  });

  test('is not that of its grants for each topic again (R-5.4, R-7.3)', () => {
    const topics = Array.from({ length: 500 }, (_, number) => ({ ...TOPIC, page: `q${number}` }));
    const history = newHistory();
    for (const topic of topics) fill(history, topic, ['2']);
    const peer = new FakePeer('c', 'v1');
    const grants = Array.from({ length: 1000 }, (_, index) => ({ package: 'p', page: '*', filters: { values: [`${index}`] } }));
    peer.access = { subscribe: grants, publish: [] };
    const resume = topics.map((topic) => ({ ...topic, epoch: 'e', offset: 0 }));
    const message = { kind: 'subscribe', subscriptions: topics, resume } as const;
    const past = new Past(history, { ...kept(), peer, message });
    for (const topic of topics) expect(past.of(newGroup(topic, ''))).toEqual({ recovered: true, replayed: 1 });
  });
});
