/** A moment by two clocks, in ms: the one of the wall may be put back, the other, where there is one, may stand still while the machine sleeps. */
export type Moment = readonly [wall: number, steady: number | undefined];

export function now(): Moment {
  return [Date.now(), globalThis.performance?.now()];
}

/** How long ago it was, in ms: the most that either clock says. Forever when nobody can tell, the clock having been put back. */
export function msSince([wall, steady]: Moment): number {
  const [wallNow, steadyNow] = now();
  const ms = wallNow - wall;
  if (steady !== undefined && steadyNow !== undefined) return Math.max(ms, steadyNow - steady);
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}
