import type { BenchResult } from '../result/result.js';
import { type Board, isExpected, isMeasured } from './board.js';
import { distributionOf } from './distribution.js';
import { Histogram } from './histogram.js';

/** From the first planned moment of the hold to the last delivery of what was planned in it. */
export function spanOf(board: Board): { readonly fromMs: number; readonly toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  eachMeasured(board, (index) => {
    const plannedMs = board.plannedMs[index] as number;
    const us = Math.max(
      board.firstUs[index] as number,
      board.medianUs[index] as number,
      board.nearlyAllUs[index] as number,
      board.lastUs[index] as number,
    );
    fromMs = Math.min(fromMs, plannedMs);
    if (us > 0) toMs = Math.max(toMs, plannedMs + us / 1000);
  });
  return { fromMs, toMs };
}

/** How long the notifications of the hold took to their first, their median, 99 % and all of their receivers. */
export function fanOutOf(board: Board): BenchResult['fanOutMs'] {
  const distribution = (times: Uint32Array) => {
    const histogram = new Histogram();
    eachMeasured(board, (index) => {
      if (times[index] !== 0) histogram.record(times[index] as number);
    });
    return distributionOf(histogram);
  };
  return {
    first: distribution(board.firstUs),
    median: distribution(board.medianUs),
    p99: distribution(board.nearlyAllUs),
    last: distribution(board.lastUs),
  };
}

/** Every notification of the hold that the broker took. */
function eachMeasured(board: Board, visit: (index: number) => void): void {
  for (let index = 0; index < board.count; index++) {
    if (isExpected(board, index) && isMeasured(board, index)) visit(index);
  }
}
