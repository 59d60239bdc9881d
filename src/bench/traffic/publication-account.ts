import type { Position } from '../../protocol/index.js';
import { LATE_MS } from '../load/load.js';
import { type Board, isMeasured, STATE } from '../record/board.js';
import { Completion } from '../record/completion.js';
import { Histogram } from '../record/histogram.js';
import { epochNumber } from '../record/passed-over.js';
import type { PublisherAccount } from '../record/publisher-account.js';
import { NO_MISHAP, oneMore } from '../result/mishap.js';
import type { Mishap } from '../result/result.js';

/** What the publishing thread knows of its notifications, and writes on the board for the others. */
export class PublicationAccount {
  /** How late the notifications of the hold were sent, in µs, since it was last taken. */
  readonly lateness = new Histogram();
  /** Whether all notifications of a channel go one way, in their order; otherwise only an answer puts one before another. */
  isOrdered = false;
  readonly #board: Board;
  readonly #completion: Completion;
  /** Every notification below it is answered. */
  #answeredBelow = 0;
  #startedAt = 0;
  #isPlanned = true;
  #sent = 0;
  #sentInHold = 0;
  #lateInHold = 0;
  #overdueInHold = 0;
  #firstInHoldMs = 0;
  #lastInHoldMs = 0;
  #refused: Mishap = NO_MISHAP;
  #unknown: Mishap = NO_MISHAP;
  #latestOverdue = -1;
  #unsentInHold = 0;
  #cutOffInHold = 0;

  constructor(board: Board) {
    this.#board = board;
    this.#completion = new Completion(board.completed);
  }

  begin(): void {
    this.#startedAt = this.#board.startedAt[0] as number;
    this.#isPlanned = this.#board.isPlanned;
  }

  /** Given to the publisher, which sends it as soon as a connection is free. @param now of `monotonicMs`. */
  handedOver(index: number, now: number): void {
    const board = this.#board;
    const lateMs = now - this.#startedAt - (board.plannedMs[index] as number);
    if (lateMs <= LATE_MS || !isMeasured(board, index)) return;
    this.#overdueInHold++;
    this.#latestOverdue = index;
  }

  /** @param now of `monotonicMs`. */
  sent(index: number, now: number): void {
    const board = this.#board;
    const atMs = now - this.#startedAt;
    if (!this.#isPlanned) board.plannedMs[index] = atMs;
    board.orderedFrom[index] = this.isOrdered ? index : this.#moveAnsweredBelow(index);
    board.stateOf[index] = STATE.sent;
    this.#sent++;
    const receivers = board.receiversOf[board.channelOf[index] as number] as number;
    board.expected[0] = (board.expected[0] as number) + receivers;
    if (receivers === 0) this.#complete();
    if (isMeasured(board, index)) this.#sentOfHold(atMs, atMs - (board.plannedMs[index] as number));
  }

  /** @param position where it stands, where that matters to anybody. */
  acknowledged(index: number, position?: Position): void {
    const { stateOf, epochOf, offsetOf } = this.#board;
    stateOf[index] = STATE.acknowledged;
    if (position === undefined || epochOf.length === 0) return;
    epochOf[index] = epochNumber(position.epoch);
    offsetOf[index] = position.offset;
  }

  /** The run itself had the broker away when it was handed over: late or not, it is not sent. */
  unsent(index: number): void {
    if (isMeasured(this.#board, index)) this.#unsentInHold++;
    if (index === this.#latestOverdue) this.#overdueInHold--;
  }

  /** The run itself had the broker ended before it answered: it may have taken it or not, and nothing is expected of it. */
  cutOff(index: number): void {
    if (isMeasured(this.#board, index)) this.#cutOffInHold++;
    this.#expectNoMoreOf(index, STATE.unknown);
  }

  refused(index: number, why: string): void {
    if (isMeasured(this.#board, index)) this.#refused = oneMore(this.#refused, why);
    this.#expectNoMoreOf(index, STATE.refused);
  }

  /** Whether the broker took it nobody knows: nothing is expected of it. */
  unknown(index: number, why: string): void {
    if (isMeasured(this.#board, index)) this.#unknown = oneMore(this.#unknown, why);
    this.#expectNoMoreOf(index, STATE.unknown);
  }

  now(unanswered: number): PublisherAccount {
    return {
      sent: this.#sent,
      sentInHold: this.#sentInHold,
      lateInHold: this.#lateInHold,
      overdueInHold: this.#overdueInHold,
      firstInHoldMs: this.#firstInHoldMs,
      lastInHoldMs: this.#lastInHoldMs,
      refused: this.#refused,
      unknown: this.#unknown,
      unanswered,
      unsentInHold: this.#unsentInHold,
      cutOffInHold: this.#cutOffInHold,
    };
  }

  #sentOfHold(atMs: number, lateMs: number): void {
    if (this.#sentInHold++ === 0) this.#firstInHoldMs = atMs;
    this.#lastInHoldMs = atMs;
    if (lateMs > LATE_MS) this.#lateInHold++;
    this.lateness.record(lateMs * 1000);
  }

  #expectNoMoreOf(index: number, state: number): void {
    const { expected, receiversOf, channelOf, reached, stateOf } = this.#board;
    const wasSent = stateOf[index] !== STATE.unsent;
    stateOf[index] = state;
    if (!wasSent) return; // no connection was left for it: nothing was ever expected
    const receivers = receiversOf[channelOf[index] as number] as number;
    expected[0] = (expected[0] as number) - receivers;
    if ((reached[index] as number) < receivers) this.#complete();
  }

  #complete(): void {
    this.#completion.add();
  }

  #moveAnsweredBelow(index: number): number {
    const { stateOf } = this.#board;
    while (this.#answeredBelow < index && (stateOf[this.#answeredBelow] as number) > STATE.sent) this.#answeredBelow++;
    return this.#answeredBelow;
  }
}
