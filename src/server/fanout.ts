import { CLOSE_CODES, type Position, type Topic } from '../protocol/index.js';
import type { Entry } from './entry.js';
import { encodeDelivery, encodeMessage, type Frame } from './frame.js';
import type { Peer } from './peer.js';
import { tell } from './registry/group.js';
import type { Registry } from './registry/registry.js';

/**
 * Hands an entry to the outboxes of everybody who wants it: encoded at most once for each variant, never waiting, and
 * no peer that cannot take it stops the others.
 */
export class Fanout {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** @returns how many subscribers it went to. */
  deliver(entry: Entry): number {
    const { position } = entry;
    let base: Frame | undefined;
    let v1: Frame | undefined;
    let matched = 0;
    let tooSlow: Peer[] | undefined;
    for (const group of this.#registry.find({ ...entry.topic, filters: entry.filters })) {
      matched += group.members.length;
      for (const membership of group.members) {
        const { peer } = membership;
        let frame: Frame;
        if (peer.dialect === 'v1') {
          v1 ??= encodeDelivery(entry.payload, position);
          frame = v1;
          tell(membership, position);
        } else {
          base ??= encodeDelivery(entry.payload);
          frame = base;
        }
        if (!peer.outbox.push(frame)) {
          tooSlow ??= [];
          tooSlow.push(peer);
        }
      }
    }
    if (tooSlow) dropAll(tooSlow);
    return matched;
  }

  /** Tells the `wsn.v1` subscribers of a topic that what came before `position` is uncertain. */
  reset(topic: Topic, position: Position): void {
    const tooSlow: Peer[] = [];
    const frame = encodeMessage({ kind: 'reset', topics: [{ ...topic, ...position }] });
    for (const group of this.#registry.groupsOf(topic)) {
      for (const membership of group.members) {
        if (membership.peer.dialect === 'base') continue;
        tell(membership, position);
        if (!membership.peer.outbox.push(frame)) tooSlow.push(membership.peer);
      }
    }
    dropAll(tooSlow);
  }
}

/** Behind the loops only, for dropping a peer changes the groups that they read. */
function dropAll(peers: readonly Peer[]): void {
  for (const peer of peers) peer.drop(CLOSE_CODES.overloaded.code, 'too far behind');
}
