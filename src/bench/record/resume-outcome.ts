import { type Board, isMeasured } from './board.js';
import { Histogram } from './histogram.js';
import { isPassedOver, type PassedOver } from './passed-over.js';
import type { Tally } from './tally.js';

/** What came of the faults of a load at the subscribers of one receiver, as it is sent from thread to thread. */
export interface ResumeOutcome {
  /** Lines that were hit. */
  readonly cut: number;
  readonly halfOpen: number;
  /** Times that the broker said that nothing was missed, or that something was, and those that it did not answer. */
  readonly resumed: number;
  readonly unrecovered: number;
  /** Of the hold: deliveries that came once more, as their positions told. */
  readonly repeated: number;
  /** Deliveries that never came, and of which the broker had said so. */
  readonly passedOver: readonly { readonly channel: number; readonly isMeasured: boolean; readonly count: number }[];
  /** Of the hold, in µs: `Histogram`s of deliveries in replays, and of whole resumes. */
  readonly recoveredUs: Uint32Array;
  readonly resumeUs: Uint32Array;
}

/** What several receivers have found, together. */
export interface AllResumes extends Omit<ResumeOutcome, 'recoveredUs' | 'resumeUs'> {
  readonly recovered: Histogram;
  readonly resume: Histogram;
}

/** Adds up what the receivers of a run have found; `null` where none of them had to look. */
export function resumesTogether(all: readonly (ResumeOutcome | null)[]): AllResumes | null {
  const found = all.filter((outcome) => outcome !== null);
  if (found.length === 0) return null;
  const sum = (name: 'cut' | 'halfOpen' | 'resumed' | 'unrecovered' | 'repeated') => found.reduce((total, one) => total + one[name], 0);
  const histogram = (name: 'recoveredUs' | 'resumeUs') => {
    const together = new Histogram();
    for (const one of found) together.addSparse(one[name]);
    return together;
  };
  return {
    cut: sum('cut'),
    halfOpen: sum('halfOpen'),
    resumed: sum('resumed'),
    unrecovered: sum('unrecovered'),
    repeated: sum('repeated'),
    passedOver: found.flatMap(({ passedOver }) => passedOver),
    recovered: histogram('recoveredUs'),
    resume: histogram('resumeUs'),
  };
}

/** Finds, at the end of a run, which of the missing deliveries subscribers were told of. @param told of each who was told anything. */
export function countPassedOver(board: Board, tally: Tally, told: ReadonlyMap<number, readonly PassedOver[]>): ResumeOutcome['passedOver'] {
  const counts = new Map<string, { channel: number; isMeasured: boolean; count: number }>();
  const indices = told.size === 0 ? new Map() : indicesByChannel(board);
  for (const [subscriber, passedOver] of told) {
    for (const index of tally.missing(subscriber, indices)) {
      if (!isPassedOver(passedOver, index, board)) continue;
      const channel = board.channelOf[index] as number;
      const key = `${channel} ${isMeasured(board, index)}`;
      const counted = counts.get(key) ?? { channel, isMeasured: isMeasured(board, index), count: 0 };
      counted.count++;
      counts.set(key, counted);
    }
  }
  return [...counts.values()];
}

function indicesByChannel({ count, channelOf }: Board): Map<number, number[]> {
  const indices = new Map<number, number[]>();
  for (let index = 0; index < count; index++) {
    const channel = channelOf[index] as number;
    const own = indices.get(channel);
    if (own) own.push(index);
    else indices.set(channel, [index]);
  }
  return indices;
}
