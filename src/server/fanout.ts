import { CLOSE_CODES, type Position, type Topic } from '../protocol/index.js';
import type { Entry } from './entry.js';
import type { Flusher } from './flusher.js';
import { encodeDelivery, encodeMessage, type Frame } from './frame.js';
import type { Peer } from './peer.js';
import type { Audience } from './registry/audience.js';
import { type Membership, tell } from './registry/membership.js';
import type { Registry } from './registry/registry.js';

/**
 * Queues an entry for everybody who wants it: encoded at most once for each dialect, once for each audience and not for
 * each peer, never waiting; and no peer that cannot take it stops the others.
 */
export class Fanout {
  readonly #registry: Registry;
  readonly #flusher: Flusher;

  constructor(registry: Registry, flusher: Flusher) {
    this.#registry = registry;
    this.#flusher = flusher;
  }

  /** @returns how many subscribers it went to. */
  deliver(entry: Entry): number {
    const delivery = new Delivery(entry);
    let matched = 0;
    let tooSlow: Peer[] | undefined;
    for (const group of this.#registry.find({ ...entry.topic, filters: entry.filters })) {
      matched += group.size;
      if (group.base) this.#queue(group.base, delivery.base);
      if (group.v1) {
        this.#queue(group.v1, delivery.v1);
        group.v1.told = entry.position;
      }
      if (group.others) tooSlow = pushEach(group.others, delivery, tooSlow);
    }
    if (matched > 0) this.#flusher.owe(entry.payload.length);
    // Behind the loops only, for dropping a peer changes the groups that they read.
    if (tooSlow) for (const peer of tooSlow) peer.drop(CLOSE_CODES.overloaded.code, 'too far behind');
    return matched;
  }

  /** Tells the `wsn.v1` subscribers of a topic that what came before `position` is uncertain. */
  reset(topic: Topic, position: Position): void {
    const frame = encodeMessage({ kind: 'reset', topics: [{ ...topic, ...position }] });
    const tooSlow: Peer[] = [];
    for (const group of this.#registry.groupsOf(topic)) {
      if (group.v1) {
        this.#queue(group.v1, frame);
        for (const membership of group.v1.members) tell(membership, position);
      }
      for (const membership of group.others ?? []) {
        if (membership.peer.dialect === 'base') continue;
        tell(membership, position);
        if (!membership.peer.outbox.push(frame)) tooSlow.push(membership.peer);
      }
    }
    for (const peer of tooSlow) peer.drop(CLOSE_CODES.overloaded.code, 'too far behind');
  }

  #queue(audience: Audience, frame: Frame): void {
    if (audience.push(frame)) this.#flusher.schedule(audience);
  }
}

/** The frames of one entry, each made when the first peer needs it. */
class Delivery {
  readonly entry: Entry;
  #base: Frame | undefined;
  #v1: Frame | undefined;

  constructor(entry: Entry) {
    this.entry = entry;
  }

  get base(): Frame {
    this.#base ??= encodeDelivery(this.entry.payload);
    return this.#base;
  }

  get v1(): Frame {
    this.#v1 ??= encodeDelivery(this.entry.payload, this.entry.position);
    return this.#v1;
  }
}

/** @returns `tooSlow` with those who are too far behind now. */
function pushEach(memberships: readonly Membership[], delivery: Delivery, tooSlow: Peer[] | undefined): Peer[] | undefined {
  let slow = tooSlow;
  for (const membership of memberships) {
    const { peer } = membership;
    const isV1 = peer.dialect === 'v1';
    if (isV1) tell(membership, delivery.entry.position);
    if (peer.outbox.push(isV1 ? delivery.v1 : delivery.base)) continue;
    slow ??= [];
    slow.push(peer);
  }
  return slow;
}
