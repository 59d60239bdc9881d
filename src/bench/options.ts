/** What a run is to be. */
export interface BenchOptions {
  /** Of the broker, `ws:`. */
  readonly url: string;
  readonly subscribers: number;
  /** At most as many as subscribers, so that each has a receiver. */
  readonly channels: number;
  /** Notifications a second. */
  readonly rate: number;
  readonly durationMs: number;
  /** Sent at the same rate before, checked but not measured. */
  readonly warmUpMs: number;
  /** Bytes of a notification. */
  readonly sizeBytes: number;
  readonly seed: number;
  /** `auto`: one persistent connection when the broker speaks `wsn.v1`, else a connection for each notification. */
  readonly publishers: 'auto' | 'persistent' | 'ephemeral';
}

/** How many notifications a run has: those that warm up, and all. */
export function notificationCounts({ rate, durationMs, warmUpMs }: Pick<BenchOptions, 'rate' | 'durationMs' | 'warmUpMs'>): {
  readonly warmUp: number;
  readonly all: number;
} {
  const warmUp = Math.round((rate * warmUpMs) / 1000);
  return { warmUp, all: warmUp + Math.max(1, Math.round((rate * durationMs) / 1000)) };
}
