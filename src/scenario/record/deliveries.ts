import { isObject, type Json, matches, type Position, type Subscription, topicKey } from '../../protocol/index.js';
import { isSameValue } from '../run/ledger.js';
import { answersOf, parse } from './answers.js';
import { elsewhere, notificationText, type Publication, positionOf } from './publications.js';
import type { Line, Moment, Story } from './story.js';

/** A notification that came to a client. */
export interface Delivery {
  readonly line: Line;
  readonly index: number;
  readonly publication: Publication;
  /** Whether its bytes were those that were published. */
  readonly isExact: boolean;
}

/** The deliveries by their events, and all publications: those that were seen, and those that must have been. */
export interface Delivered {
  readonly deliveries: ReadonlyMap<number, Delivery>;
  readonly publications: readonly Publication[];
}

/** A delivery before it is known what was published. */
interface Arrived {
  readonly line: Line;
  readonly moment: Moment;
  readonly text: string;
  readonly value: Json;
  readonly position: Position | undefined;
}

/** Finds for each delivery what was published; a publication goes to a client once. */
export function findDeliveries(story: Story, seen: readonly Publication[]): Delivered {
  const shelf = new Shelf(seen);
  const recoveries = new Map(story.lines.map((line) => [line, recoveriesOf(line)]));
  const arrived = story.lines.flatMap(arrivedAt).toSorted((a, b) => a.moment.index - b.moment.index);
  const deliveries = new Map<number, Delivery>();
  for (const one of arrived) {
    const publication = shelf.take(one) ?? shelf.add(one, replayedFor(one, recoveries.get(one.line) ?? []));
    if (!publication) continue;
    publication.position ??= one.position;
    const isExact = publication.text === one.text && publication.source.kind !== 'raw';
    deliveries.set(one.moment.index, { line: one.line, index: one.moment.index, publication, isExact });
  }
  return { deliveries, publications: shelf.all.toSorted((a, b) => a.place - b.place) };
}

/** What a client wants at an event: the last set that it had sent by then. */
export function subscriptionsAt(line: Line, index: number): readonly Subscription[] {
  const last = line.said.findLast(({ message, index: at }) => at < index && message?.kind === 'subscribe');
  return last?.message?.kind === 'subscribe' ? last.message.subscriptions : [];
}

function arrivedAt(line: Line): Arrived[] {
  return line.moments.flatMap((moment) => {
    const message = moment.kind === 'heard' ? parse(moment.text) : undefined;
    const text = moment.kind === 'heard' && isObject(message?.notification) ? notificationText(moment.text) : undefined;
    if (text === undefined || !message) return [];
    return [{ line, moment, text, value: message.notification as Json, position: positionOf(message.position) }];
  });
}

/** The publications that there are, and who has got which. */
class Shelf {
  readonly #byText = new Map<string, Publication[]>();
  readonly #byTopic = new Map<string, Publication[]>();
  readonly #claimed = new Map<Publication, Set<Line>>();
  readonly all: Publication[] = [];

  constructor(seen: readonly Publication[]) {
    for (const publication of seen) this.#put(publication);
  }

  /** The publication that came to a client here, if it was seen. */
  take(arrived: Arrived): Publication | undefined {
    const { line, moment, text, value, position } = arrived;
    const isFree = (one: Publication) => one.place < moment.index && !this.#claimed.get(one)?.has(line) && mayStandAt(one, position);
    const sameText = (this.#byText.get(text) ?? []).filter(isFree);
    const candidates = sameText.length > 0 ? sameText : this.#sameTopic(value).filter((one) => isFree(one) && isSame(one, value));
    const known = candidates.find((one) => position !== undefined && one.position !== undefined);
    const wanted = candidates.find((one) => subscriptionsAt(line, one.place).some((wish) => matches(wish, one.notification)));
    const found = known ?? wanted ?? candidates[0];
    if (found) this.#claim(found, line);
    return found;
  }

  /** Puts a publication there that was not seen, before what it is an answer to, or just before it arrived. */
  add({ line, moment, text, position }: Arrived, askedAt: number | undefined): Publication | undefined {
    const place = (askedAt ?? moment.index) - 0.5;
    const publication = elsewhere(text, { place, atMs: moment.atMs, position });
    if (publication) this.#put(publication);
    if (publication) this.#claim(publication, line);
    return publication;
  }

  #sameTopic(value: Json): readonly Publication[] {
    if (!isObject(value) || typeof value.package !== 'string' || typeof value.page !== 'string') return [];
    return this.#byTopic.get(topicKey({ package: value.package, page: value.page })) ?? [];
  }

  #put(publication: Publication): void {
    this.all.push(publication);
    append(this.#byText, publication.text, publication);
    append(this.#byTopic, topicKey(publication.notification), publication);
  }

  #claim(publication: Publication, line: Line): void {
    const lines = this.#claimed.get(publication) ?? new Set();
    this.#claimed.set(publication, lines.add(line));
  }
}

function append(map: Map<string, Publication[]>, key: string, publication: Publication): void {
  const list = map.get(key);
  if (list) list.push(publication);
  else map.set(key, [publication]);
}

function mayStandAt({ position: known }: Publication, position: Position | undefined): boolean {
  if (!known || !position) return true;
  return known.epoch === position.epoch && known.offset === position.offset;
}

function isSame({ text }: Publication, value: Json): boolean {
  return isSameValue(parse(text), value);
}

/** A topic whose resume was recovered. */
export interface Recovery {
  /** The message with the resume, and the answer to it. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly topic: string;
  /** Where the topic stood. */
  readonly offset: number;
}

/** The topics that a client has resumed. */
export function recoveriesOf(line: Line): readonly Recovery[] {
  if (line.dialect === 'base') return [];
  return [...answersOf(line)].flatMap(([askedAt, { message, index }]) => {
    const topics = isObject(message.subscribed) ? message.subscribed.topics : undefined;
    return (Array.isArray(topics) ? (topics as readonly Json[]) : []).flatMap((one) => {
      if (!isObject(one) || one.recovered !== true || typeof one.offset !== 'number') return [];
      const topic = topicKey({ package: String(one.package), page: String(one.page) });
      return [{ askedAt, answeredAt: index, topic, offset: one.offset }];
    });
  });
}

/** The message with the resume that brought a delivery; `undefined` for what is live. */
function replayedFor({ moment, value, position }: Arrived, recoveries: readonly Recovery[]): number | undefined {
  if (!position || !isObject(value)) return undefined;
  const topic = topicKey({ package: String(value.package), page: String(value.page) });
  const last = recoveries.findLast((one) => one.answeredAt < moment.index && one.topic === topic);
  return last && position.offset <= last.offset ? last.askedAt : undefined;
}
