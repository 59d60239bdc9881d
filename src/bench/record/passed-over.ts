import type { Position } from '../../protocol/index.js';
import type { Board } from './board.js';

/** What a broker said that it would not deliver any more: all from one position on, without it, to another one, with it. */
export interface PassedOver {
  readonly after: Position;
  readonly upTo: Position;
}

/** A number that stands for an epoch where threads share memory; never 0. */
export function epochNumber(epoch: string): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (let at = 0; at < epoch.length; at++) hash = Math.imul(hash ^ epoch.charCodeAt(at), 0x01000193);
  return hash >>> 0 || 1;
}

/**
 * Whether a subscriber was told that it would not get a notification.
 * @param passedOver all that it was told, in order.
 * @param index of a notification that the broker acknowledged; one whose place nobody knows was not told of.
 */
export function isPassedOver(
  passedOver: readonly PassedOver[],
  index: number,
  { epochOf, offsetOf }: Pick<Board, 'epochOf' | 'offsetOf'>,
): boolean {
  const epoch = epochOf[index] as number;
  const offset = offsetOf[index] as number;
  if (epoch === 0) return false;
  let hasBeenThere = false;
  for (const { after, upTo } of passedOver) {
    const [from, to] = [epochNumber(after.epoch), epochNumber(upTo.epoch)];
    if (epoch === from && offset > after.offset && (from !== to || offset <= upTo.offset)) return true;
    if (epoch === to && from !== to && offset <= upTo.offset) return true;
    hasBeenThere ||= epoch === from || epoch === to;
  }
  // An epoch that the subscriber never was in began and ended between two others that it was told of.
  return !hasBeenThere && passedOver.some(({ after, upTo }) => after.epoch !== upTo.epoch);
}
