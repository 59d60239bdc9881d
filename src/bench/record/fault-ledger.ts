/** What can be wrong with a delivery that came. */
export type Fault = 'duplicated' | 'misdelivered' | 'reordered' | 'corrupt';

/** How often it was wrong. */
export type FaultCounts = Record<Fault, number>;

/** The faults of one channel, -1 where it cannot be said which one it was; as it is sent from thread to thread. */
export interface ChannelFaults {
  readonly channel: number;
  readonly isMeasured: boolean;
  readonly counts: Readonly<FaultCounts>;
}

/** What was wrong, by channel, and apart for what counts and what does not. */
export class FaultLedger {
  readonly #faults = new Map<string, ChannelFaults & { readonly counts: FaultCounts }>();

  add(fault: Fault, channel: number, isMeasured: boolean): void {
    this.#of(channel, isMeasured)[fault]++;
  }

  /** Adds what another thread has found. */
  addAll(faults: readonly ChannelFaults[]): void {
    for (const { channel, isMeasured, counts } of faults) {
      const own = this.#of(channel, isMeasured);
      own.duplicated += counts.duplicated;
      own.misdelivered += counts.misdelivered;
      own.reordered += counts.reordered;
      own.corrupt += counts.corrupt;
    }
  }

  get all(): readonly ChannelFaults[] {
    return [...this.#faults.values()];
  }

  #of(channel: number, isMeasured: boolean): FaultCounts {
    const key = `${channel} ${isMeasured}`;
    const found = this.#faults.get(key);
    if (found) return found.counts;
    const counts = { duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 };
    this.#faults.set(key, { channel, isMeasured, counts });
    return counts;
  }
}
