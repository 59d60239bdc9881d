import { duration, integer, milliseconds, rate } from '../numbers.js';
import type { Progress } from '../result/progress.js';
import { faultPieces, recoveryPieces, sentPieces, subscriberPieces } from './live-pieces.js';

/**
 * How far a run is in one line without colours, for a log. Faults and trouble are told when there are any.
 * @param title what this run is one of, as the trials of a search; `undefined` where it is the only one.
 */
export function liveLine(progress: Progress, title?: string): string {
  const { phase, elapsedMs, totalMs, delivered, outstanding, perSecond, wholeMs, generator } = progress;
  const time = totalMs === null ? duration(elapsedMs) : `${duration(elapsedMs)} of ${duration(totalMs)}`;
  const faults = faultPieces(progress).filter(({ isBad }) => isBad);
  const pieces =
    phase === 'ramp'
      ? subscriberPieces(progress).map(({ text }) => text)
      : [
          `sent ${sentPieces(progress)[0]?.text}`,
          `delivered ${integer(delivered)}${perSecond.length === 0 ? '' : ` (${rate(perSecond.at(-1) ?? null)})`}`,
          `under way ${integer(outstanding)}`,
          ...(wholeMs === null || wholeMs.p50 === null ? [] : [`p50 ${milliseconds(wholeMs.p50)} ms`]),
          ...(wholeMs === null || wholeMs.p99 === null ? [] : [`p99 ${milliseconds(wholeMs.p99)} ms`]),
          ...recoveryPieces(progress).map(({ text }) => text),
          ...faults.map(({ text }) => text),
        ];
  const trouble = generator.trouble === null ? [] : [`generator: ${generator.trouble}`];
  return `${title === undefined ? '' : `${title}: `}${phase} ${time}: ${[...pieces, ...trouble].join(', ')}`;
}
