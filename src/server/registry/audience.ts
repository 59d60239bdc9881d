import { CLOSE_CODES, type Dialect, type Position } from '../../protocol/index.js';
import { type Chunks, chunked } from '../chunks.js';
import type { Flushable, Slice } from '../flusher.js';
import type { Frame } from '../frame.js';
import { type Membership, takeOut, tell, toldOf } from './membership.js';

/**
 * The peers of a group that get the very same bytes, for they speak the same dialect and follow nothing else. A frame
 * is queued once for all of them; at the end of the turn what has gathered is joined once and handed to each, so that
 * 64 notifications for 1,000 peers are 64 steps and 1,000 writes, and not 64,000 of either.
 *
 * Frames are numbered from the audience's beginning. Each member knows the number of the first frame that it has not
 * been handed, so that it may come, go, or need a frame of its own in between at any moment, also while a flush of
 * 100,000 members waits for its next slice.
 */
export class Audience implements Flushable {
  readonly dialect: Dialect;
  members: Membership[] = [];
  /** The position of the last delivery that went to all members. */
  told: Position | undefined;
  #frames: Frame[] = [];
  /** Number of the first of `#frames`. */
  #first = 0;
  #isScheduled = false;
  /** Members up to here still wait in the pass that runs; it goes downwards, so that whoever leaves hides nobody. */
  #cursor = -1;
  /** What the pass that runs brings to everybody: the frames below this number. */
  #goal = 0;
  /** What was joined last, for those who wait for the same frames. */
  #chunks: Chunks | undefined;
  #chunksFrom = 0;
  #chunksTo = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  /** @returns whether the audience has to be scheduled for a flush. */
  push(frame: Frame): boolean {
    this.#frames.push(frame);
    if (this.#isScheduled) return false;
    this.#isScheduled = true;
    return true;
  }

  /** Takes a member in, behind all that waits. */
  add(membership: Membership): void {
    membership.audience = this;
    membership.next = this.#end;
    membership.place = this.members.length;
    // Most audiences have one member, and an array that grows takes room for sixteen more.
    if (this.members.length === 0) this.members = [membership];
    else this.members.push(membership);
  }

  /** Lets a member go; what waited for it here waits in its own outbox now. */
  remove(membership: Membership): void {
    this.catchUp(membership);
    membership.audience = undefined;
    takeOut(this.members, membership);
  }

  /** Moves what waits for one member into its own outbox, so that a frame of its own can follow. */
  catchUp(membership: Membership): void {
    for (let number = membership.next; number < this.#end; number++) {
      membership.outbox.push(this.#frames[number - this.#first] as Frame);
    }
    membership.next = this.#end;
  }

  /** Notes with each member what all were told, before one comes who was not: once for each delivery at most. */
  tellEach(): void {
    if (!this.told) return;
    for (const membership of this.members) tell(membership, toldOf(membership));
    this.told = undefined;
  }

  flush(slice: Slice): boolean {
    const { members } = this;
    if (this.#cursor < 0) {
      this.#cursor = members.length - 1;
      this.#goal = this.#end;
    } else this.#cursor = Math.min(this.#cursor, members.length - 1);
    while (this.#cursor >= 0) {
      this.#hand(members[this.#cursor] as Membership);
      this.#cursor--;
      if (slice.isOver() && this.#cursor >= 0) return false;
    }
    this.#forget();
    this.#isScheduled = this.#frames.length > 0;
    return !this.#isScheduled;
  }

  get #end(): number {
    return this.#first + this.#frames.length;
  }

  #hand(membership: Membership): void {
    const { next, outbox } = membership;
    const end = this.#end;
    if (next === end) return;
    membership.next = end;
    if (this.#chunks === undefined || this.#chunksFrom !== next || this.#chunksTo !== end) {
      this.#chunks = chunked(next === this.#first ? this.#frames : this.#frames.slice(next - this.#first));
      this.#chunksFrom = next;
      this.#chunksTo = end;
    }
    if (!outbox.take(this.#chunks)) membership.peer.drop(CLOSE_CODES.overloaded.code, 'too far behind');
  }

  /** Gives up what the pass that has ended brought to everybody. */
  #forget(): void {
    if (this.#goal === this.#end) this.#frames = [];
    else this.#frames = this.#frames.slice(this.#goal - this.#first);
    this.#first = this.#goal;
    this.#chunks = undefined;
  }
}
