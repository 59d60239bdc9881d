import { matches, type Subscription, topicKey } from '../../protocol/index.js';
import { type Delivered, recoveriesOf, subscriptionsAt } from './deliveries.js';
import type { Publication } from './publications.js';
import type { Line, Saying, Story } from './story.js';

/** A set and a notification that were under way together are this near to each other, in ms. */
const TOGETHER_MS = 1000;

/**
 * Finds the order in which the server took what was under way at the same time on two connections: the deliveries tell. A
 * notification that came though the set that asks for it was sent later was taken after that set, one that did not come was taken
 * before it. Publications are moved in place.
 * @returns the places of the messages of subscriptions that have to be moved, by their indices.
 */
export function inServerOrder({ lines }: Story, { deliveries, publications }: Delivered): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  const received = new Map<Publication, Set<Line>>();
  for (const { publication, line } of deliveries.values()) {
    received.set(publication, (received.get(publication) ?? new Set<Line>()).add(line));
  }
  for (const publication of publications.filter(isMovable)) {
    for (const line of lines.filter(({ moments, status }) => status === 101 && isThere(moments, publication))) {
      const came = received.get(publication)?.has(line) === true;
      if (wants(subscriptionsAt(line, publication.place), publication) === came) continue;
      const later = setAfter(line, publication);
      const earlier = came ? undefined : setBefore(line, publication);
      if (later && wants(setOf(later), publication) === came) moveTo(publication, later.index + 0.6);
      else if (earlier && !wants(subscriptionsAt(line, earlier.index), publication)) places.set(earlier.index, publication.place + 0.3);
    }
  }
  for (const line of lines) for (const [index, place] of resumesInOrder(line, publications)) places.set(index, place);
  return places;
}

/** A resume that was recovered stands behind what it replayed or had seen, and before what was live: the offsets tell. */
function resumesInOrder(line: Line, publications: readonly Publication[]): (readonly [index: number, place: number])[] {
  return recoveriesOf(line).flatMap(({ askedAt, topic, offset }) => {
    const known = publications.filter(({ position, notification }) => position !== undefined && topicKey(notification) === topic);
    const isBefore = ({ position }: Publication) => position !== undefined && position.offset <= offset;
    const late = Math.max(...known.filter(isBefore).map(({ place }) => place));
    if (late > askedAt) return [[askedAt, late + 0.3] as const];
    const early = Math.min(...known.filter((one) => !isBefore(one)).map(({ place }) => place));
    const first = line.moments[0]?.index ?? askedAt;
    return early < askedAt && early > first ? [[askedAt, early - 0.3] as const] : [];
  });
}

function moveTo(publication: Publication, place: number): void {
  if (mayMove(publication, place)) publication.place = place;
}

/** Of one that was not seen the place is a guess already. */
function isMovable({ source }: Publication): boolean {
  return source.kind === 'ephemeral' || source.kind === 'http' || source.kind === 'line';
}

/** One that came from a client that does other things, too, keeps its place among these. */
function mayMove({ source, place }: Publication, to: number): boolean {
  return source.kind !== 'line' || !source.line.moments.some(({ kind, index }) => kind !== 'heard' && index > place && index <= to);
}

function isThere(moments: Line['moments'], { place, takenAt }: Publication): boolean {
  const first = moments[0]?.index ?? Number.POSITIVE_INFINITY;
  const close = moments.find(({ kind }) => kind === 'closing' || kind === 'ended')?.index ?? Number.POSITIVE_INFINITY;
  return first < takenAt && close > place;
}

/** The first set that a client sent while the notification was under way. */
function setAfter({ said }: Line, { place, takenAt }: Publication): Saying | undefined {
  return said.find(({ index, message }) => message?.kind === 'subscribe' && index > place && index < takenAt);
}

/** The last set that a client sent just before the notification, if it did nothing in between. */
function setBefore({ said, moments }: Line, { place, atMs }: Publication): Saying | undefined {
  const last = moments.findLast(({ index }) => index < place);
  return said.find(
    ({ index, message, atMs: saidAt }) => message?.kind === 'subscribe' && index === last?.index && atMs - saidAt < TOGETHER_MS,
  );
}

function setOf({ message }: Saying): readonly Subscription[] {
  return message?.kind === 'subscribe' ? message.subscriptions : [];
}

function wants(subscriptions: readonly Subscription[], { notification }: Publication): boolean {
  return subscriptions.some((one) => matches(one, notification));
}
