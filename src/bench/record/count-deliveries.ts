import type { BenchResult, Counts } from '../result/result.js';
import { type Board, isExpected, isMeasured, isOpen } from './board.js';
import type { ChannelFaults } from './fault-ledger.js';
import type { AllResumes } from './resume-outcome.js';

/** What became of all deliveries. */
export interface Deliveries {
  readonly plannedInHold: number;
  /** Of these, how many the broker has not answered; those that were never sent are among them. */
  readonly openInHold: number;
  readonly hold: Counts;
  readonly warmUp: Counts;
  readonly faultyChannels: BenchResult['faultyChannels'];
  /** Of the hold: never came, and the broker had said so; `lost` is without them. */
  readonly unrecovered: number;
}

const MOST_CHANNELS_SHOWN = 100;

type MutableCounts = { -readonly [K in keyof Counts]: number };

/**
 * Counts what was expected and what came, notification by notification, and adds what was wrong with what came.
 * @param passedOver what subscribers had been told that they would not get.
 */
export function countDeliveries(board: Board, faults: readonly ChannelFaults[], passedOver: AllResumes['passedOver'] = []): Deliveries {
  const warmUp = nothing();
  const channels = new Map<number, MutableCounts>();
  let plannedInHold = 0;
  let openInHold = 0;
  for (let index = 0; index < board.count; index++) {
    const channel = board.channelOf[index] as number;
    if (isMeasured(board, index)) {
      plannedInHold++;
      if (isOpen(board, index)) openInHold++;
    }
    if (!isExpected(board, index)) continue;
    const counts = isMeasured(board, index) ? countsOf(channels, channel) : warmUp;
    const expected = board.receiversOf[channel] as number;
    const delivered = Math.min(expected, board.reached[index] as number);
    counts.expected += expected;
    counts.delivered += delivered;
    counts.lost += expected - delivered;
  }
  for (const fault of faults) add(fault.isMeasured ? countsOf(channels, fault.channel) : warmUp, fault.counts);
  let unrecovered = 0;
  for (const { channel, isMeasured: isOfHold, count } of passedOver) {
    (isOfHold ? countsOf(channels, channel) : warmUp).lost -= count;
    if (isOfHold) unrecovered += count;
  }
  const hold = nothing();
  for (const counts of channels.values()) add(hold, counts);
  return { plannedInHold, openInHold, hold, warmUp, faultyChannels: worst(channels), unrecovered };
}

function worst(channels: ReadonlyMap<number, Counts>): BenchResult['faultyChannels'] {
  return [...channels]
    .map(([channel, counts]) => ({ channel, ...counts }))
    .filter((counts) => faultsOf(counts) > 0)
    .toSorted((a, b) => faultsOf(b) - faultsOf(a) || a.channel - b.channel)
    .slice(0, MOST_CHANNELS_SHOWN);
}

function faultsOf({ lost, duplicated, misdelivered, reordered, corrupt }: Counts): number {
  return lost + duplicated + misdelivered + reordered + corrupt;
}

function countsOf(channels: Map<number, MutableCounts>, channel: number): MutableCounts {
  const found = channels.get(channel);
  if (found) return found;
  const counts = nothing();
  channels.set(channel, counts);
  return counts;
}

function add(counts: MutableCounts, more: Partial<Counts>): void {
  for (const [name, count] of Object.entries(more)) counts[name as keyof Counts] += count;
}

function nothing(): MutableCounts {
  return { expected: 0, delivered: 0, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };
}
