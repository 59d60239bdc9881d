/** Why something waits, and for how long: `cannot reach …: nobody listens there; is "wsn serve" running? Trying again in 0.4 s`. */
export function tryingAgain(why: string, ms: number): string {
  return `${why}${why.endsWith('?') ? ' T' : '; t'}rying again in ${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}
