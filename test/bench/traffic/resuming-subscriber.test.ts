import { describe, expect, it } from 'vitest';
import { DEFAULT_LOAD } from '../../../src/bench/load/load.js';
import { subscriptionsOf } from '../../../src/bench/plan/address.js';
import { Envelope } from '../../../src/bench/plan/envelope.js';
import { sharedFloat64 } from '../../../src/bench/plan/shared-arrays.js';
import { createWorkload } from '../../../src/bench/plan/workload.js';
import { createBoard, STATE, total } from '../../../src/bench/record/board.js';
import { Tally } from '../../../src/bench/record/tally.js';
import { ResumingSubscriber } from '../../../src/bench/traffic/resuming-subscriber.js';

const RUN = '0a1b2c3d4e5f';
const TOPIC = { package: `wsn-bench-${RUN}`, page: 'load' };

/** One subscriber of one channel; notification i has the offset i + 1 in the epoch `k`, if not said otherwise. */
function setUp() {
  const workload = createWorkload({ ...DEFAULT_LOAD, subscribers: 1, channels: 1 }, 20, RUN);
  const plannedMs = sharedFloat64(Array.from({ length: 20 }, (_, index) => index));
  const board = createBoard({ plannedMs, isPlanned: true, holdStartMs: 0, workload, receivers: 1, hasFaults: true });
  board.stateOf.fill(STATE.acknowledged);
  const envelope = new Envelope(RUN, 1, 300);
  const tally = new Tally({ board, workload, envelope, receiver: 0, receivers: 1, subscribers: 1, onCanary: () => {}, onOther: () => {} });
  tally.begin();
  tally.readAt(1000);
  const resumes: boolean[] = [];
  const refusals: string[] = [];
  const subscriber = new ResumingSubscriber({
    subscriber: 0,
    tally,
    subscriptions: subscriptionsOf(RUN, [0]),
    now: () => 0,
    onResumed: (isRecovered) => resumes.push(isRecovered),
    onRefused: (why) => refusals.push(why),
  });
  const tell = (text: string) => {
    const bytes = Buffer.from(`..${text}..`);
    subscriber.received(bytes, 2, bytes.length - 2);
  };
  return {
    subscriber,
    tally,
    resumes,
    refusals,
    counts: () => ({ delivered: total(board, 'delivered'), recovered: total(board, 'recovered'), repeated: total(board, 'repeated') }),
    missing: () => [...tally.missing(0, new Map([[0, Array.from({ length: 20 }, (_, index) => index)]]))],
    resume: () => (JSON.parse(subscriber.ask()) as { resume?: readonly object[] }).resume,
    deliver(from: number, to = from, { epoch = 'k', shift = 1 } = {}) {
      for (let index = from; index <= to; index++) {
        const position = JSON.stringify({ epoch, offset: index + shift });
        tell(`{"sender":"server","notification":${envelope.notification(index, 0)},"position":${position}}`);
      }
    },
    subscribed: (topic: object) => tell(JSON.stringify({ sender: 'server', subscribed: { topics: [{ ...TOPIC, epoch: 'k', ...topic }] } })),
    say: (payload: object) => tell(JSON.stringify({ sender: 'server', ...payload })),
  };
}

describe('a subscriber that resumes', () => {
  it('asks for nothing first, then for what came after the last that it had', () => {
    const run = setUp();
    expect(run.resume()).toBeUndefined();
    run.subscribed({ offset: 0 });
    run.deliver(0, 4);
    expect(run.resume()).toEqual([{ ...TOPIC, epoch: 'k', offset: 5 }]);
    run.subscribed({ offset: 8, recovered: true, replayed: 3 });
    run.deliver(5, 7);
    run.deliver(8, 9);
    expect(run.counts()).toEqual({ delivered: 10, recovered: 3, repeated: 0 });
    expect(run.resumes).toEqual([true]);
    expect(run.subscriber.passedOver).toEqual([]);
  });

  it('asks again from where a replay broke off', () => {
    const run = setUp();
    run.subscribed({ offset: 0 });
    run.deliver(0);
    run.subscriber.ask();
    run.subscribed({ offset: 10, recovered: true, replayed: 9 });
    run.deliver(1, 3);
    expect(run.resume()).toEqual([{ ...TOPIC, epoch: 'k', offset: 4 }]);
    run.subscribed({ offset: 12, recovered: true, replayed: 8 });
    run.deliver(4, 11);
    expect(run.counts()).toEqual({ delivered: 12, recovered: 11, repeated: 0 });
    expect(run.resumes).toEqual([true]);
  });

  it('stands where a mark says, and at the head when it has caught up', () => {
    const run = setUp();
    run.subscribed({ offset: 3 });
    run.say({ mark: [{ ...TOPIC, epoch: 'k', offset: 40 }] });
    expect(run.resume()).toEqual([{ ...TOPIC, epoch: 'k', offset: 40 }]);
    run.subscribed({ offset: 50, recovered: true, replayed: 0 });
    expect(run.resume()).toEqual([{ ...TOPIC, epoch: 'k', offset: 50 }]);
  });

  it('drops what it has had, by its position, and counts a second one with a new position as that', () => {
    const run = setUp();
    run.subscribed({ offset: 0 });
    run.deliver(0, 4);
    run.subscriber.ask();
    run.subscribed({ offset: 5, recovered: true, replayed: 1 });
    run.deliver(4);
    run.deliver(4, 4, { shift: 2 });
    expect(run.counts()).toMatchObject({ delivered: 5, repeated: 1 });
    expect(run.tally.faults.all).toMatchObject([{ counts: { duplicated: 1 } }]);
  });

  it('knows what it was told that it would not get, and what it was not', () => {
    const run = setUp();
    run.subscribed({ offset: 0 });
    run.deliver(0, 4);
    run.subscriber.ask();
    run.subscribed({ offset: 10, recovered: false, replayed: 0 });
    run.deliver(11, 12);
    expect(run.subscriber.passedOver).toEqual([{ after: { epoch: 'k', offset: 5 }, upTo: { epoch: 'k', offset: 10 } }]);
    run.say({ reset: [{ ...TOPIC, epoch: 'm', offset: 2 }] });
    expect(run.subscriber.passedOver[1]).toEqual({ after: { epoch: 'k', offset: 13 }, upTo: { epoch: 'm', offset: 2 } });
    run.deliver(15, 15, { epoch: 'm', shift: -12 });
    expect(run.resumes).toEqual([false]);
    expect(run.missing()).toEqual([5, 6, 7, 8, 9, 10, 13, 14, 16, 17, 18, 19]);
  });

  it('was told of nothing by a broker that does not answer what it was asked', () => {
    const run = setUp();
    run.subscribed({ offset: 0 });
    run.deliver(0);
    run.subscriber.ask();
    run.subscribed({ offset: 4 });
    run.say({ error: { code: 'invalid-resume', message: 'no', retry: false } });
    expect(run.subscriber.passedOver).toEqual([]);
    expect(run.resumes).toEqual([false]);
    run.subscriber.ask();
    run.say({ error: { code: 'invalid-resume', message: 'never', retry: false } });
    expect(run.refusals).toEqual(['never']);
  });
});
