import type { Position, SubscribedTopic, Subscription, Topic, TopicPosition } from '../../protocol/index.js';
import type { PassedOver } from '../record/passed-over.js';
import type { Tally } from '../record/tally.js';
import { brokerMessage } from './broker-message.js';
import { offsetAtEnd, positionStart } from './read-position.js';

/** What one who resumes is told with. */
export interface ResumingOptions {
  readonly subscriber: number;
  readonly tally: Tally;
  /** What it subscribes to: all of one topic, as everything in a run is. */
  readonly subscriptions: readonly Subscription[];
  /** It has all that it missed, or knows that it does not get it. @param tookMs since it asked. */
  readonly onResumed: (isRecovered: boolean, tookMs: number) => void;
  /** The broker has not let it subscribe again. */
  readonly onRefused: (why: string) => void;
  readonly now: () => number;
}

/**
 * A subscriber that knows where it stands, as an application's client does: when it is back it asks for what came after that
 * and drops what it is told once more.
 */
export class ResumingSubscriber {
  /** What the broker told it that it would not get. */
  readonly passedOver: PassedOver[] = [];
  readonly #options: ResumingOptions;
  readonly #topic: Topic;
  readonly #place = { start: 0, end: 0 };
  #position: Position | undefined;
  /** How a position of the same epoch begins. */
  #start: Buffer | undefined;
  /** When it asked to resume; `undefined` while it is not waiting for an answer. */
  #askedAt: number | undefined;
  /** The head when it resumed: what is not above it is replayed. */
  #replayUpTo = Number.NEGATIVE_INFINITY;
  /** How much of a replay is still to come. */
  #replayLeft = 0;

  constructor(options: ResumingOptions) {
    this.#options = options;
    const [{ package: name, page } = { package: '', page: '' }] = options.subscriptions;
    this.#topic = { package: name, page };
  }

  /** What it sends on a new connection. */
  ask(): string {
    const { subscriptions, now } = this.#options;
    this.#replayUpTo = Number.NEGATIVE_INFINITY;
    this.#replayLeft = 0;
    if (this.#position === undefined) return JSON.stringify({ sender: 'client', subscriptions });
    this.#askedAt = now();
    return JSON.stringify({ sender: 'client', subscriptions, resume: [{ ...this.#topic, ...this.#position }] });
  }

  /** A whole text message has come. */
  received(bytes: Buffer, start: number, end: number): void {
    this.#place.start = start;
    this.#place.end = end;
    const offset = this.#start === undefined ? -1 : offsetAtEnd(bytes, this.#place, this.#start);
    if (offset >= 0) this.#delivered(bytes, (this.#position as Position).epoch, offset);
    else this.#read(bytes);
  }

  #delivered(bytes: Buffer, epoch: string, offset: number): void {
    const { tally, subscriber } = this.#options;
    const { start, end } = this.#place;
    if (epoch === this.#position?.epoch && offset <= this.#position.offset) {
      tally.repeated(bytes, start, end);
      return;
    }
    if (epoch !== this.#position?.epoch) this.#replayUpTo = Number.NEGATIVE_INFINITY;
    this.#standAt({ epoch, offset });
    if (offset > this.#replayUpTo) {
      tally.received(subscriber, bytes, this.#place);
      return;
    }
    tally.replayed(subscriber, bytes, this.#place);
    if (--this.#replayLeft === 0) this.#caughtUp();
  }

  #read(bytes: Buffer): void {
    const { tally, subscriber } = this.#options;
    const { start, end } = this.#place;
    const message = brokerMessage(bytes.toString('utf8', start, end));
    if (message?.kind === 'notification' && message.position) {
      this.#delivered(bytes, message.position.epoch, message.position.offset);
      return;
    }
    if (message?.kind === 'subscribed') this.#subscribed(message.topics.find((topic) => this.#isMine(topic)));
    else if (message?.kind === 'mark') this.#marked(message.topics.find((topic) => this.#isMine(topic)));
    else if (message?.kind === 'reset') this.#reset(message.topics.find((topic) => this.#isMine(topic)));
    else if (message?.kind === 'error' && this.#askedAt !== undefined) this.#options.onRefused(message.error.message);
    tally.received(subscriber, bytes, this.#place);
  }

  #subscribed(topic: SubscribedTopic | undefined): void {
    if (topic === undefined) return;
    const { epoch, offset, recovered, replayed = 0 } = topic;
    if (this.#askedAt === undefined) {
      this.#standAt({ epoch, offset });
    } else if (recovered === true) {
      this.#replayUpTo = offset;
      this.#replayLeft = replayed;
      if (replayed === 0) this.#caughtUp();
    } else {
      // A broker that does not say whether anything was missed has not said that something was.
      if (recovered === false) this.#goOnFrom({ epoch, offset });
      else this.#standAt({ epoch, offset });
      this.#resumed(false);
    }
  }

  /** All of a replay is there: nothing that it wants comes up to the head any more. */
  #caughtUp(): void {
    const { epoch } = this.#position as Position;
    this.#standAt({ epoch, offset: this.#replayUpTo });
    this.#resumed(true);
  }

  #resumed(isRecovered: boolean): void {
    const { now, onResumed } = this.#options;
    if (this.#askedAt === undefined) return;
    const tookMs = now() - this.#askedAt;
    this.#askedAt = undefined;
    onResumed(isRecovered, tookMs);
  }

  #marked(topic: TopicPosition | undefined): void {
    if (topic === undefined || topic.epoch !== this.#position?.epoch || topic.offset <= this.#position.offset) return;
    this.#standAt({ epoch: topic.epoch, offset: topic.offset });
  }

  #reset(topic: TopicPosition | undefined): void {
    if (topic) this.#goOnFrom({ epoch: topic.epoch, offset: topic.offset });
  }

  /** The broker has said that what came before is not to be had. */
  #goOnFrom(upTo: Position): void {
    if (this.#position) this.passedOver.push({ after: this.#position, upTo });
    this.#standAt(upTo);
  }

  #standAt(position: Position): void {
    if (position.epoch !== this.#position?.epoch) this.#start = positionStart(position.epoch);
    this.#position = position;
  }

  #isMine({ package: name, page }: Topic): boolean {
    return name === this.#topic.package && page === this.#topic.page;
  }
}
