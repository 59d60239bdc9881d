import type { Position } from '../../../src/protocol/index.js';
import type { Claim } from './actions.js';
import type { KeptLog } from './kept-log.js';

/** What a claim is about. */
interface Claimed {
  readonly log: KeptLog;
  readonly page: number;
  /** What the client knows of the topic. */
  readonly seen: Position | undefined;
}

/** The position that a claim comes to now; undefined where nobody knows anything of the topic. */
export function positionOf(claim: Claim, { log, page, seen }: Claimed): Position | undefined {
  const head = log.isOpen(page) ? log.head(page) : undefined;
  const known = seen ?? head;
  if (!known) return undefined;
  const { epoch, offset } = known;
  switch (claim.at) {
    case 'seen':
      return known;
    case 'before':
      return { epoch, offset: Math.max(0, offset - claim.by) };
    case 'start':
      return { epoch, offset: 0 };
    case 'ahead':
      return { epoch, offset: (head?.offset ?? offset) + claim.by };
    default: {
      const old = log.epochs(page, claim.at === 'old epoch').find((used) => used !== head?.epoch);
      return { epoch: old ?? 'unknown', offset };
    }
  }
}
