/** When each notification of a run is to be sent: pure, so that no delay of one ever moves another. */
export interface Pacer {
  /** How many there are in all. */
  readonly count: number;
  /** Planned moment of a notification (0 to `count` - 1), in ms from the start of the run. */
  plannedAt(index: number): number;
  /** How many are planned at or before a moment, in ms from the start. */
  dueBy(elapsedMs: number): number;
}

/**
 * A constant rate: notification i is planned at i / rate, counted from the start and not from its predecessor.
 * @param rate notifications a second, above 0.
 */
export function constantRate(rate: number, count: number): Pacer {
  const plannedAt = (index: number) => (index * 1000) / rate;
  return {
    count,
    plannedAt,
    dueBy(elapsedMs) {
      if (elapsedMs < 0) return 0;
      // The division may round to the wrong side of a planned moment; the planned moments themselves decide.
      let due = Math.floor((elapsedMs * rate) / 1000) + 1;
      while (due > 0 && plannedAt(due - 1) > elapsedMs) due--;
      while (plannedAt(due) <= elapsedMs) due++;
      return Math.min(due, count);
    },
  };
}
