import { type Json, type JsonObject, LIMITS, SUBPROTOCOL } from '../../protocol/index.js';
import { answersOf } from './answers.js';
import { findDeliveries } from './deliveries.js';
import { type Draft, HTTP_CLIENT, LOOKING_CLIENT, type Material } from './draft.js';
import type { RecordedEvent } from './event.js';
import { lineSteps } from './line-steps.js';
import { inServerOrder } from './order.js';
import { escapeText, escapeValue, Packages } from './packages.js';
import { exchangeSteps, publicationSteps } from './publication-steps.js';
import { findPublications } from './publications.js';
import { findResumes, type Look } from './resumes.js';
import { type Line, readStory, type Story } from './story.js';
import { withPauses } from './timing.js';
import { writeScenario } from './write-scenario.js';

/** What a file says of itself. */
export interface ScenarioAbout {
  /** Small letters, digits and hyphens, with slashes between. */
  readonly id: string;
  readonly title: string;
  /** Path of the schema from the folder of the file. */
  readonly schema: string;
  /** Whether the pauses between what was seen are kept. */
  readonly timing: boolean;
}

const ABOUT_SECRETS = [
  'Left out: tokens, keys and cookies that a client had sent, in a header, a query, a subprotocol or a message.',
  '`wsn test --token` or `--api-key` sends one with every handshake and request.',
];

/**
 * Makes a scenario of what was recorded: it passes on a server that does the same again.
 * @returns the text of the file; `undefined` when nothing was seen that a step can do.
 */
export function scenarioOf(events: readonly RecordedEvent[], about: ScenarioAbout): string | undefined {
  const story = readStory(events);
  const material = gather(story);
  const drafts = [
    ...material.resumes.looks.flatMap((look, index) => lookSteps(look, { index, material })),
    ...story.lines.flatMap((line) => lineSteps(line, material)),
    ...publicationSteps(material),
    ...story.exchanges.flatMap((exchange) => exchangeSteps(exchange, material)),
  ].toSorted((a, b) => a.place - b.place);
  if (drafts.length === 0) return undefined;
  const rules = [...new Set(drafts.flatMap((draft) => draft.rules))].toSorted(compareRules);
  const { id, schema, timing } = about;
  return writeScenario({
    schema,
    remarks: hasSecret(story) ? ABOUT_SECRETS : [],
    id,
    title: escapeText(about.title),
    rules: rules.length === 0 ? ['R-2.1'] : rules,
    clients: clientsOf(material, drafts),
    steps: timing ? withPauses(joined(drafts)) : joined(drafts),
  });
}

function gather(story: Story): Material {
  const delivered = findDeliveries(story, findPublications(story));
  const places = inServerOrder(story, delivered);
  const publications = delivered.publications.toSorted((a, b) => a.place - b.place).filter(({ source }) => source.kind !== 'raw');
  const lines = story.lines.filter(({ isEphemeral }) => !isEphemeral);
  return {
    names: new Map(lines.map((line, index) => [line, `client-${index + 1}`])),
    publications: new Map(publications.map((publication, index) => [publication, `n${index + 1}`])),
    deliveries: delivered.deliveries,
    answers: new Map(lines.map((line) => [line, answersOf(line)])),
    resumes: findResumes(story, delivered),
    packages: new Packages(packagesOf(story, delivered.publications)),
    places,
  };
}

/** Packages of topics, in the order in which they were seen. */
function packagesOf({ lines }: Story, publications: readonly { readonly place: number; readonly notification: Json | object }[]): string[] {
  const published = publications.map(({ place, notification }) => ({ place, names: [(notification as JsonObject).package] }));
  const wanted = lines.flatMap(({ said }) =>
    said.map(({ index, message }) => ({
      place: index,
      names: message?.kind === 'subscribe' ? message.subscriptions.map((one) => one.package) : [],
    })),
  );
  const all = [...published, ...wanted].toSorted((a, b) => a.place - b.place).flatMap(({ names }) => names);
  return all.filter((name) => typeof name === 'string' && name !== '' && Buffer.byteLength(name) <= LIMITS.topicNameBytes) as string[];
}

/** Reads where a topic stands before anything is done: a client that resumes knew it from before the recording. */
function lookSteps({ topic, save }: Look, { index, material }: { readonly index: number; readonly material: Material }): Draft[] {
  const client = LOOKING_CLIENT;
  const id = `look-${index + 1}`;
  const subscription = { package: material.packages.variable(topic.package), page: escapeText(topic.page), filters: { values: [] } };
  const at = { place: index / 1000 - 1, atMs: 0, rules: [] };
  return [
    { ...at, word: 'send', args: { client, id, subscriptions: [subscription] } },
    { ...at, word: 'expect', args: { client, message: { id, subscribed: {} }, save } },
  ];
}

function clientsOf({ names, resumes }: Material, drafts: readonly Draft[]): Record<string, Json> {
  const lines = [...names].map(([line, name]): [string, Json] => [name, clientOf(line)]);
  const usesHttp = drafts.some(({ args }) => namesHttp(args));
  return {
    ...(resumes.looks.length > 0 ? { [LOOKING_CLIENT]: { subprotocols: [SUBPROTOCOL] } } : {}),
    ...Object.fromEntries(lines),
    ...(usesHttp ? { [HTTP_CLIENT]: { kind: 'http' } } : {}),
  };
}

function namesHttp(args: Draft['args']): boolean {
  return typeof args === 'object' && args !== null && ['client', 'via'].some((name) => (args as JsonObject)[name] === HTTP_CLIENT);
}

function clientOf({ handshake: { subprotocols, path, headers } }: Line): Json {
  return {
    ...(subprotocols.length === 0 ? {} : { subprotocols: subprotocols.map(escapeText) }),
    ...(path === '/' ? {} : { path: escapeText(path) }),
    ...(Object.keys(headers).length === 0
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, escapeValue(value)])) }),
  };
}

/** Makes one step of neighbours that expect the same notification in the same way. */
function joined(drafts: readonly Draft[]): Draft[] {
  const result: Draft[] = [];
  for (const draft of drafts) {
    const last = result.at(-1);
    const args = last && joinedArguments(last, draft);
    if (last && args) result[result.length - 1] = { ...last, args };
    else result.push(draft);
  }
  return result;
}

function joinedArguments(one: Draft, other: Draft): Draft['args'] | undefined {
  if (one.word !== 'expect' || other.word !== 'expect') return undefined;
  const { client, clients, save, ...wanted } = one.args as JsonObject;
  const { client: second, save: secondSave, ...alsoWanted } = other.args as JsonObject;
  if (save !== undefined || secondSave !== undefined || wanted.notification === undefined) return undefined;
  if (JSON.stringify(wanted) !== JSON.stringify(alsoWanted)) return undefined;
  const names = [...(Array.isArray(clients) ? (clients as readonly Json[]) : [client ?? '']), second ?? ''];
  return { clients: names, ...wanted };
}

function hasSecret({ lines, exchanges }: Story): boolean {
  const isAuthenticating = lines.some(({ said }) => said.some(({ message }) => message?.kind === 'authenticate'));
  return isAuthenticating || lines.some(({ handshake }) => handshake.hasSecret) || exchanges.some(({ request }) => request.hasSecret);
}

function compareRules(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
