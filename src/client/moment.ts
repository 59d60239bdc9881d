/** A moment by two clocks: the one of the wall may be put back, the other may stand still while the machine sleeps. */
export interface Moment {
  /** `Date.now()`, ms. */
  readonly wall: number;
  /** `performance.now()`, ms, where there is one. */
  readonly steady: number | undefined;
}

export function now(): Moment {
  return { wall: Date.now(), steady: globalThis.performance?.now() };
}

/** How long ago it was, in ms: the most that either clock says. Forever when nobody can tell, the clock having been put back. */
export function msSince({ wall, steady }: Moment): number {
  const { wall: wallNow, steady: steadyNow } = now();
  if (steady !== undefined && steadyNow !== undefined) return Math.max(wallNow - wall, steadyNow - steady);
  return wallNow < wall ? Number.POSITIVE_INFINITY : wallNow - wall;
}
