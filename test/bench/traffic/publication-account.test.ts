import { describe, expect, it } from 'vitest';
import { DEFAULT_LOAD } from '../../../src/bench/load/load.js';
import { sharedFloat64 } from '../../../src/bench/plan/shared-arrays.js';
import { createWorkload } from '../../../src/bench/plan/workload.js';
import { createBoard, STATE } from '../../../src/bench/record/board.js';
import { PublicationAccount } from '../../../src/bench/traffic/publication-account.js';

/** Ten notifications, one each ms, to a channel of four subscribers; those from 5 ms on are of the hold. */
function setUp({ isPlanned = true, isOrdered = true } = {}) {
  const workload = createWorkload({ ...DEFAULT_LOAD, subscribers: 4, channels: 1 }, 10, '0a1b2c3d4e5f');
  const plannedMs = sharedFloat64(Array.from({ length: 10 }, (_, index) => (isPlanned ? index : 0)));
  const board = createBoard({ plannedMs, isPlanned, holdStartMs: 5, workload, receivers: 1 });
  board.startedAt[0] = 1000;
  const account = new PublicationAccount(board);
  account.isOrdered = isOrdered;
  account.begin();
  return { board, account };
}

describe('the account of publications', () => {
  it('counts how late each notification of the hold was sent, and no other', () => {
    const { account } = setUp();
    account.sent(2, 1050);
    account.sent(5, 1005.25);
    account.sent(6, 1026);
    expect(account.now(0)).toMatchObject({ sent: 3, sentInHold: 2, lateInHold: 1, firstInHoldMs: 5.25, lastInHoldMs: 26 });
    expect(account.lateness).toMatchObject({ count: 2, min: 250, max: 20_000 });
  });

  it('tells what the generator was late with from what waited for a connection', () => {
    const { account } = setUp();
    account.handedOver(2, 1040);
    account.handedOver(5, 1005);
    account.sent(5, 1300);
    account.handedOver(6, 1017);
    account.sent(6, 1300);
    expect(account.now(0)).toMatchObject({ lateInHold: 2, overdueInHold: 1 });
  });

  it('expects nothing of what a restart kept from being sent or answered, and counts it where it is of the hold', () => {
    const { account, board } = setUp();
    account.sent(2, 1002);
    account.cutOff(2);
    account.sent(6, 1006);
    account.cutOff(6);
    account.unsent(3);
    account.handedOver(7, 1050);
    account.unsent(7);
    account.unsent(8);
    expect(account.now(0)).toMatchObject({
      overdueInHold: 0,
      unsentInHold: 2,
      cutOffInHold: 1,
      unknown: { count: 0 },
      refused: { count: 0 },
    });
    expect(board.expected[0]).toBe(0);
    expect([board.stateOf[6], board.stateOf[7]]).toEqual([STATE.unknown, STATE.unsent]);
  });

  it('takes the moment of sending for the planned one where nothing is planned', () => {
    const { account, board } = setUp({ isPlanned: false });
    account.sent(0, 1007.5);
    expect(board.plannedMs[0]).toBe(7.5);
  });

  it('expects the deliveries of what was sent, until it is refused or nobody knows what became of it', () => {
    const { account, board } = setUp();
    for (const index of [5, 6, 7]) account.sent(index, 1000);
    expect(board.expected[0]).toBe(12);
    account.acknowledged(5);
    account.refused(6, 'not you');
    account.unknown(7, 'gone');
    expect(board.expected[0]).toBe(4);
    expect(Array.from(board.stateOf.subarray(5, 8))).toEqual([STATE.acknowledged, STATE.refused, STATE.unknown]);
    expect(account.now(3)).toMatchObject({ refused: { count: 1, first: 'not you' }, unknown: { count: 1, first: 'gone' }, unanswered: 3 });
    expect(board.completed[0]).toBe(2);
  });

  it('counts no refusal of the warm-up', () => {
    const { account, board } = setUp();
    account.sent(0, 1000);
    account.refused(0, 'not you');
    expect(account.now(0).refused.count).toBe(0);
    expect(board.expected[0]).toBe(0);
  });

  it('expects nothing less when what could not be sent at all is refused', () => {
    const { account, board } = setUp();
    account.sent(0, 1000);
    account.refused(1, 'no connection was left');
    expect(board.expected[0]).toBe(4);
  });

  it('says of each notification which ones go before it: on one connection all that were sent, else all that were answered', () => {
    const ordered = setUp();
    const others = setUp({ isOrdered: false });
    for (const { account } of [ordered, others]) {
      for (const index of [0, 1, 2]) account.sent(index, 1000);
      account.acknowledged(0);
      account.acknowledged(2);
      account.sent(3, 1001);
      account.acknowledged(1);
      account.sent(4, 1002);
    }
    expect(Array.from(ordered.board.orderedFrom.subarray(0, 5))).toEqual([0, 1, 2, 3, 4]);
    expect(Array.from(others.board.orderedFrom.subarray(0, 5))).toEqual([0, 0, 0, 1, 3]);
  });
});
