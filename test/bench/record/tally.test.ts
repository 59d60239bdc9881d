import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LOAD, type Load } from '../../../src/bench/load/load.js';
import { Envelope } from '../../../src/bench/plan/envelope.js';
import { sharedFloat64 } from '../../../src/bench/plan/shared-arrays.js';
import { createWorkload } from '../../../src/bench/plan/workload.js';
import { createBoard, STATE, total } from '../../../src/bench/record/board.js';
import { countDeliveries } from '../../../src/bench/record/count-deliveries.js';
import { Tally } from '../../../src/bench/record/tally.js';

const RUN = '0a1b2c3d4e5f';

interface Options {
  readonly subscribers?: number;
  readonly channels?: number;
  readonly subscriptions?: number;
  readonly count?: number;
  /** Of the first so many nothing is measured. */
  readonly warmUp?: number;
  /** `orderedFrom` of each; by default each index its own, as on one connection. */
  readonly orderedFrom?: (index: number) => number;
  readonly hasBegun?: boolean;
}

/** Notification i is planned at i ms; everything was sent. */
function setUp({ count = 50, warmUp = 0, orderedFrom = (index) => index, hasBegun = true, ...given }: Options = {}) {
  const load: Load = { ...DEFAULT_LOAD, subscribers: 4, channels: 2, ...given };
  const workload = createWorkload(load, count, RUN);
  const plannedMs = sharedFloat64(Array.from({ length: count }, (_, index) => index));
  const board = createBoard({ plannedMs, isPlanned: true, holdStartMs: warmUp, workload, receivers: 1 });
  board.stateOf.fill(STATE.sent);
  for (let index = 0; index < count; index++) board.orderedFrom[index] = orderedFrom(index);
  const envelope = new Envelope(RUN, load.channels, load.sizeBytes);
  const canaries: [number, number][] = [];
  const tally = new Tally({
    board,
    workload,
    envelope,
    receiver: 0,
    receivers: 1,
    subscribers: load.subscribers,
    onCanary: (...canary) => canaries.push(canary),
    onOther: () => {},
  });
  if (hasBegun) tally.begin();
  const channelsOf = (subscriber: number) =>
    Array.from(workload.subscriberChannels.subarray(subscriber * load.subscriptions, (subscriber + 1) * load.subscriptions));
  const wanted = (subscriber: number) =>
    Array.from({ length: count }, (_, index) => index).filter((index) =>
      channelsOf(subscriber).includes(workload.channelOf[index] as number),
    );
  const text = (index: number) => message(envelope.notification(index, workload.channelOf[index] as number).toString());
  return {
    board,
    tally,
    canaries,
    envelope,
    wanted,
    text,
    receive: (subscriber: number, what: number | string, atMs = 1000) => {
      const bytes = Buffer.from(typeof what === 'string' ? what : text(what));
      tally.readAt(atMs);
      tally.received(subscriber, bytes, { start: 0, end: bytes.length });
    },
    get counts() {
      return countDeliveries(board, tally.faults.all);
    },
  };
}

function message(notification: string): string {
  return `{"sender":"server","notification":${notification}}`;
}

describe('a tally', () => {
  it('finds nothing wrong when everybody gets what is for them in order', () => {
    const run = setUp();
    for (let subscriber = 0; subscriber < 4; subscriber++) for (const index of run.wanted(subscriber)) run.receive(subscriber, index);
    expect(run.counts.hold).toMatchObject({
      expected: 100,
      delivered: 100,
      lost: 0,
      duplicated: 0,
      misdelivered: 0,
      reordered: 0,
      corrupt: 0,
    });
  });

  it('counts what never came as lost, in its channel', () => {
    const run = setUp();
    const [first = 0, ...others] = run.wanted(0);
    for (const index of others) run.receive(0, index);
    const { hold, faultyChannels } = run.counts;
    expect(hold.delivered).toBe(others.length);
    expect(hold.lost).toBe(hold.expected - others.length);
    expect(faultyChannels.find(({ channel }) => channel === run.board.channelOf[first])?.lost).toBeGreaterThan(0);
  });

  it('counts each further copy as duplicated, also of one that came late', () => {
    const run = setUp({ subscribers: 1, channels: 1 });
    for (const index of [0, 0, 2, 1, 1, 3, 2]) run.receive(0, index);
    expect(run.counts.hold).toMatchObject({ delivered: 4, duplicated: 3, reordered: 1 });
  });

  it('counts a delivery to a subscriber that did not ask for it as misdelivered, and as nothing else', () => {
    const run = setUp();
    const foreign = run.wanted(1)[0] as number;
    expect(run.wanted(0)).not.toContain(foreign);
    run.receive(0, foreign);
    expect(run.counts.hold).toMatchObject({ delivered: 0, misdelivered: 1, duplicated: 0 });
  });

  it('counts one that comes behind a later one of its connection as reordered (R-2.9)', () => {
    const run = setUp({ subscribers: 1, channels: 1 });
    for (const index of [0, 2, 1, 3]) run.receive(0, index);
    expect(run.counts.hold).toMatchObject({ delivered: 4, lost: 46, reordered: 1 });
  });

  it('takes no order for granted between notifications of which neither was answered before the other was sent', () => {
    const run = setUp({ subscribers: 1, channels: 1, orderedFrom: (index) => Math.max(0, index - 3) });
    for (const index of [1, 0, 3, 2, 9, 5]) run.receive(0, index);
    // 5 was answered before 9 was sent, all others were under way together.
    expect(run.counts.hold.reordered).toBe(1);
  });

  it('counts changed bytes as corrupt, and the delivery as come', () => {
    const run = setUp({ subscribers: 1, channels: 1 });
    run.receive(0, run.text(0).replace('Nothing', 'Everything'));
    run.receive(0, run.text(1).replace('"index":"0000000001', '"index":"0000000009'));
    expect(run.counts.hold).toMatchObject({ delivered: 1, corrupt: 2 });
  });

  it('counts what nobody has sent yet as corrupt', () => {
    const run = setUp({ subscribers: 1, channels: 1 });
    run.board.stateOf[0] = STATE.unsent;
    run.receive(0, 0);
    expect(run.counts.hold).toMatchObject({ delivered: 0, corrupt: 1 });
  });

  it('takes equal values for intact, however the broker has written them', () => {
    const run = setUp({ subscribers: 1, channels: 1 });
    run.receive(0, JSON.stringify(JSON.parse(run.text(0)), null, 2));
    expect(run.counts.hold).toMatchObject({ delivered: 1, corrupt: 0 });
  });

  it('measures from the planned moment to the receipt, and only what is planned in the hold', () => {
    const run = setUp({ subscribers: 1, channels: 1, warmUp: 2 });
    for (const index of [0, 1, 2, 3]) run.receive(0, index, index + 40);
    expect(run.tally.latency).toMatchObject({ count: 2, min: 40_000, max: 40_000 });
    expect(run.counts.warmUp).toMatchObject({ expected: 2, delivered: 2 });
    expect(run.counts.hold).toMatchObject({ delivered: 2, expected: 48 });
  });

  it('keeps faults of the warm-up apart', () => {
    const run = setUp({ subscribers: 1, channels: 1, warmUp: 2 });
    for (const index of [0, 0, 1, 2, 2]) run.receive(0, index);
    expect([run.counts.warmUp.duplicated, run.counts.hold.duplicated]).toEqual([1, 1]);
  });

  it('knows of which notifications of the hold nobody has said what became', () => {
    const run = setUp({ count: 10, warmUp: 4 });
    run.board.stateOf.set([STATE.acknowledged, STATE.refused, STATE.unknown, STATE.unsent], 4);
    expect(run.counts).toMatchObject({ plannedInHold: 6, openInHold: 3 });
  });

  it('counts nothing in the hold that came corrupt before the load began', () => {
    const run = setUp({ hasBegun: false });
    run.receive(0, '{"sender":"server","notification":{"data":{}}}', 36_000_000);
    expect([run.counts.hold.corrupt, run.counts.warmUp.corrupt]).toEqual([0, 1]);
  });

  it('writes down when the first, the median, 99 % and all of the receivers had a notification', () => {
    const run = setUp({ subscribers: 200, channels: 1 });
    for (let subscriber = 0; subscriber < 200; subscriber++) run.receive(subscriber, 0, subscriber + 1);
    const { firstUs, medianUs, nearlyAllUs, lastUs } = run.board;
    expect([firstUs[0], medianUs[0], nearlyAllUs[0], lastUs[0]]).toEqual([1000, 100_000, 198_000, 200_000]);
    expect(run.board.completed[0]).toBe(1);
  });

  it('tells of canaries of its own channels only', () => {
    const run = setUp();
    const own = run.board.channelOf[run.wanted(0)[0] as number] as number;
    run.receive(0, message(run.envelope.canary(1, own).toString()));
    run.receive(0, message(run.envelope.canary(1, 1 - own).toString()));
    expect(run.canaries).toEqual([[0, 1]]);
    expect(total(run.board, 'misdelivered')).toBe(0);
  });

  it('agrees with a ledger of all copies, whatever is dropped, repeated and moved', () => {
    const moves = fc.array(fc.record({ index: fc.nat(49), subscriber: fc.nat(3) }), { maxLength: 400 });
    fc.assert(
      fc.property(moves, fc.constantFrom(1, 2), (deliveries, subscriptions) => {
        const run = setUp({ channels: 3, subscriptions });
        const ledger = new Map<string, number>();
        let [misdelivered, reordered] = [0, 0];
        const latest = new Map<string, number>();
        for (const { index, subscriber } of deliveries) {
          run.receive(subscriber, index);
          if (!run.wanted(subscriber).includes(index)) {
            misdelivered++;
            continue;
          }
          const copies = ledger.get(`${subscriber} ${index}`) ?? 0;
          ledger.set(`${subscriber} ${index}`, copies + 1);
          const stream = `${subscriber} ${run.board.channelOf[index]}`;
          if (copies === 0 && index < (latest.get(stream) ?? -1)) reordered++;
          latest.set(stream, Math.max(index, latest.get(stream) ?? -1));
        }
        const copies = [...ledger.values()];
        const { hold } = run.counts;
        expect(hold).toMatchObject({
          delivered: copies.length,
          lost: hold.expected - copies.length,
          duplicated: copies.reduce((sum, count) => sum + count - 1, 0),
          misdelivered,
          reordered,
        });
      }),
    );
  });
});
