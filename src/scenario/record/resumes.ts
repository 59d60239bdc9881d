import { isObject, type Json, type Topic, type TopicPosition, topicKey } from '../../protocol/index.js';
import { type Answer, answersOf, parse } from './answers.js';
import type { Delivered } from './deliveries.js';
import { type Publication, positionOf } from './publications.js';
import type { Line, Saying, Story } from './story.js';

/** Where a step gets the variables of a resume from: `save` of the step that expects the event, or that publishes. */
type Saves = ReadonlyMap<number | Publication, Readonly<Record<string, string>>>;

/** A client of the scenario's own that looks where a topic stands before anything happens. */
export interface Look {
  readonly topic: Topic;
  readonly save: Readonly<Record<string, string>>;
}

/** What stands in the `resume` of a message instead of what was sent. */
export interface Resumed {
  readonly epoch: string;
  readonly offset: string;
}

export interface Resumes {
  readonly saves: Saves;
  readonly looks: readonly Look[];
  /** By the index of the message, then by topic. */
  readonly byMessage: ReadonlyMap<number, ReadonlyMap<string, Resumed>>;
}

/** A message that told a position. */
interface Source {
  readonly at: number | Publication;
  /** When it was told. */
  readonly index: number;
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  /** JSON pointer of the position in what the step gets. */
  readonly pointer: string;
}

/**
 * Finds for each resume that was recovered where its position was told. One that was not recovered stays as it was sent: its epoch
 * is not known when all is done again, so it is not recovered either.
 */
export function findResumes(story: Story, delivered: Delivered): Resumes {
  const sources = [...story.lines.flatMap(sourcesOf), ...delivered.publications.flatMap(receiptOf)];
  const saves = new Map<number | Publication, Record<string, string>>();
  const looks: Look[] = [];
  const byMessage = new Map<number, ReadonlyMap<string, Resumed>>();
  let number = 0;
  for (const { line, saying, answer, resume } of story.lines.flatMap(resumesOf)) {
    const resumed = new Map<string, Resumed>();
    for (const wanted of resume.filter((one) => isRecovered(answer, one))) {
      const [epoch, offset] = [`epoch${++number}`, `offset${number}`];
      const source = bestSource(sources, wanted, saying.index);
      const pointer = source?.pointer ?? '/subscribed/topics/0';
      const save = { [epoch]: `${pointer}/epoch`, [offset]: `${pointer}/offset` };
      if (source) saves.set(source.at, { ...saves.get(source.at), ...save });
      else looks.push({ topic: { package: wanted.package, page: wanted.page }, save });
      const ahead = countSeen({ line, until: saying.index, wanted, source }, delivered);
      resumed.set(topicKey(wanted), { epoch: `\${${epoch}}`, offset: ahead === 0 ? `\${${offset}}` : `\${${offset} + ${ahead}}` });
    }
    byMessage.set(saying.index, resumed);
  }
  return { saves, looks, byMessage };
}

function resumesOf(line: Line): { line: Line; saying: Saying; answer: Answer; resume: readonly TopicPosition[] }[] {
  if (line.dialect === 'base') return [];
  const answers = answersOf(line);
  return line.said.flatMap((saying) => {
    const answer = answers.get(saying.index);
    const resume = saying.message?.kind === 'subscribe' ? (saying.message.resume ?? []) : [];
    return answer ? [{ line, saying, answer, resume }] : [];
  });
}

/** The topics of a `subscribed`. */
function topicsOf(message: { readonly [name: string]: Json }): readonly { readonly [name: string]: Json }[] {
  const topics = isObject(message.subscribed) ? message.subscribed.topics : undefined;
  return Array.isArray(topics) ? (topics as readonly Json[]).filter(isObject) : [];
}

function isRecovered({ message }: Answer, wanted: TopicPosition): boolean {
  return topicsOf(message).some((one) => one.recovered === true && one.package === wanted.package && one.page === wanted.page);
}

function sourcesOf(line: Line): Source[] {
  return line.moments.flatMap((moment): Source[] => {
    const message = moment.kind === 'heard' ? parse(moment.text) : undefined;
    if (!message) return [];
    const told = topicsOf(message).map((one, index) => ({ topic: one, position: one as Json, pointer: `/subscribed/topics/${index}` }));
    if (isObject(message.notification) && message.position !== undefined) {
      told.push({ topic: message.notification, position: message.position, pointer: '/position' });
    }
    return told.flatMap(({ topic, position, pointer }) => {
      const found = positionOf(position);
      const key = topicKey({ package: String(topic.package), page: String(topic.page) });
      return found ? [{ at: moment.index, index: moment.index, topic: key, ...found, pointer }] : [];
    });
  });
}

function receiptOf(publication: Publication): Source[] {
  const { source, notification, position } = publication;
  if (!position || (source.kind !== 'http' && !(source.kind === 'line' && source.answer?.kind === 'receipt'))) return [];
  const pointer = source.kind === 'http' ? '/body/receipt/position' : '/receipt/position';
  return [{ at: publication, index: publication.place, topic: topicKey(notification), ...position, pointer }];
}

/** The position told last that is not behind the one that is wanted. */
function bestSource(sources: readonly Source[], wanted: TopicPosition, before: number): Source | undefined {
  const key = topicKey(wanted);
  const fitting = sources.filter(
    ({ index, topic, epoch, offset }) => index < before && topic === key && epoch === wanted.epoch && offset <= wanted.offset,
  );
  return fitting.toSorted((a, b) => b.offset - a.offset || b.index - a.index)[0];
}

/** How many notifications of the scenario are between a position that was told and the one that is wanted. */
function countSeen(
  { line, until, wanted, source }: { line: Line; until: number; wanted: TopicPosition; source: Source | undefined },
  { publications, deliveries }: Delivered,
): number {
  const key = topicKey(wanted);
  const later = new Set([...deliveries.values()].filter((one) => one.line === line && one.index > until).map((one) => one.publication));
  const from = source?.index ?? Number.NEGATIVE_INFINITY;
  return publications.filter((one) => {
    if (one.place >= until || topicKey(one.notification) !== key || later.has(one)) return false;
    if (!one.position) return one.place > from;
    return one.position.epoch === wanted.epoch && one.position.offset > (source?.offset ?? 0) && one.position.offset <= wanted.offset;
  }).length;
}
