import type { Position, Topic, TopicPosition } from '../protocol/index.js';
import { type Membership, tell, toldOf } from './registry/membership.js';

/**
 * The topics that moved since a peer was last told of them; from now on it has been told.
 * @param head the last position of a topic that has been fanned out here.
 */
export function takeMarks(memberships: readonly Membership[], head: (topic: Topic) => Position): TopicPosition[] {
  const marks: TopicPosition[] = [];
  for (const membership of memberships) {
    const now = head(membership.group.topic);
    const told = toldOf(membership);
    if (now.epoch === told.epoch && now.offset === told.offset) continue;
    tell(membership, now);
    marks.push({ ...membership.group.topic, ...now });
  }
  return marks;
}
