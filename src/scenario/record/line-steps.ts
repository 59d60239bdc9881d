import { isObject, type Json, type JsonObject } from '../../protocol/index.js';
import { codeAndPath, isClosedFor, isRefusal, parse } from './answers.js';
import type { Delivery } from './deliveries.js';
import type { Arguments, Draft, Material } from './draft.js';
import { escapeText, escapeValue } from './packages.js';
import { withoutTokens } from './secrets.js';
import { sendArguments } from './send-step.js';
import type { Line, Moment, Saying } from './story.js';

/** The steps of one client; what it publishes is not among them. */
export function lineSteps(line: Line, material: Material): Draft[] {
  const client = material.names.get(line);
  if (client === undefined) return [];
  return line.moments.flatMap((moment) => {
    const drafts = stepsOf(moment, { line, client, material });
    const place = material.places.get(moment.index) ?? moment.index;
    return drafts.map((draft) => ({ place, atMs: moment.atMs, ...draft }));
  });
}

/** A draft that stands where its moment does unless it says otherwise. */
type Partial = Pick<Draft, 'word' | 'args' | 'rules'> & { readonly place?: number };

interface Of {
  readonly line: Line;
  readonly client: string;
  readonly material: Material;
}

function stepsOf(moment: Moment, of: Of): Partial[] {
  const { line, client } = of;
  switch (moment.kind) {
    case 'opening':
      return connecting(of);
    case 'opened':
      return [];
    case 'said': {
      const saying = line.said.find(({ index }) => index === moment.index);
      return saying ? saidSteps(saying, of) : [];
    }
    case 'odd': {
      const { opcode, fin, rsv, masked, payload } = moment.frame;
      const odd = { ...(fin ? {} : { fin }), ...(rsv === 0 ? {} : { rsv }), ...(masked ? {} : { mask: false }) };
      return [{ word: 'frame', args: { client, opcode, ...odd, hex: shownBytes(payload) }, rules: ['R-4.1'] }];
    }
    case 'heard':
      return heardSteps(moment, of);
    case 'closing':
      return closingSteps(moment, of);
    case 'ended':
      return endedSteps(moment.by, of);
  }
}

/** Whatever frame a token came in, it is not written. */
function shownBytes(payload: Buffer): string {
  return Buffer.from(withoutTokens(payload.toString('latin1')), 'latin1').toString('hex');
}

function connecting({ line, client }: Of): Partial[] {
  const { method, version } = line.handshake;
  if (line.status !== 101)
    return [{ word: 'connect', args: { client, method, version, expect: { status: line.status } }, rules: ['R-4.6'] }];
  return [{ word: 'connect', args: client, rules: line.dialect === 'v1' ? ['R-5.1', 'R-5.3'] : [] }];
}

function saidSteps(saying: Saying, { line, client, material }: Of): Partial[] {
  const kind = saying.message?.kind;
  const answer = material.answers.get(line)?.get(saying.index);
  const isNotify = kind === 'publish' && !isClosedFor(saying, line, answer);
  if (isNotify || answer?.kind === 'authenticated') return [];
  const send = { word: 'send', args: sendArguments(client, saying, material) };
  if (kind === undefined) return [{ ...send, rules: [line.dialect === 'v1' ? 'R-5.9' : 'R-4.4'] }];
  if (kind !== 'subscribe' || line.dialect === 'v1') return [{ ...send, rules: ['R-2.2'] }];
  const isReady = !isRefused(line, saying);
  return [{ ...send, rules: ['R-2.2'] }, ...(isReady ? [{ word: 'ready', args: client, rules: ['R-2.8'] }] : [])];
}

/** Whether the server closed the connection for this message, or for an invalid one before it: then there is no pong to wait for. */
function isRefused(line: Line, { index }: Saying): boolean {
  const behind = line.moments.filter(({ kind, index: at }) => at > index && kind !== 'heard');
  const close = behind.find((moment) => moment.kind === 'closing' && moment.by === 'server' && isRefusal(moment.code));
  if (!close) return false;
  return close === behind[0] || line.said.some(({ index: at, message }) => at < index && message === undefined);
}

function heardSteps(moment: Moment & { readonly kind: 'heard' }, { line, client, material }: Of): Partial[] {
  const delivery = material.deliveries.get(moment.index);
  if (delivery) return [deliveryStep(delivery, { line, client, material })];
  const message = parse(moment.text);
  if (!message || 'mark' in message || 'hello' in message || 'authenticated' in message) return [];
  if (isAnswerToNotify(moment, { line, material })) return [];
  const id = message.id === undefined ? {} : { id: escapeValue(message.id) };
  if (isObject(message.error)) {
    return [{ word: 'expect', args: { client, message: { ...id, error: codeAndPath(message.error) } }, rules: ['R-5.9'] }];
  }
  const save = material.resumes.saves.get(moment.index);
  const pattern = isObject(message.subscribed) ? { subscribed: subscribedPattern(message.subscribed, material) } : payloadPattern(message);
  return [{ word: 'expect', args: { client, message: { ...id, ...pattern }, save }, rules: ['R-5.4'] }];
}

/** A `notify` looks at the answer to it by itself. */
function isAnswerToNotify({ index }: Moment, { line, material }: Pick<Of, 'line' | 'material'>): boolean {
  const answered = [...(material.answers.get(line) ?? [])].find(([, answer]) => answer.index === index)?.[0];
  return line.said.some((saying) => saying.index === answered && saying.message?.kind === 'publish');
}

function deliveryStep({ publication, isExact, index }: Delivery, { line, client, material }: Of): Partial {
  const notification = material.publications.get(publication);
  const save = material.resumes.saves.get(index);
  const place = Math.max(index, publication.place + 0.05);
  const rules = ['R-2.3', 'R-2.9', ...(line.dialect === 'v1' ? ['R-5.5'] : [])];
  if (notification === undefined) {
    const value = withoutOperators(material.packages.inValue(parse(publication.text) ?? {}));
    return { word: 'expect', args: { client, message: { notification: value }, save }, rules, place };
  }
  const withPosition = line.dialect === 'v1' ? { with: { position: { offset: { $type: 'integer' } } } } : {};
  const exact = isExact ? { exact: true } : {};
  return { word: 'expect', args: { client, notification, ...exact, ...withPosition, save }, rules, place };
}

/** Epochs and offsets are those of a server's history, which the next one does not have. */
function subscribedPattern({ topics }: JsonObject, { packages }: Material): Json {
  if (!Array.isArray(topics)) return {};
  return {
    topics: topics.map((one: Json) => {
      const { recovered, replayed, page, package: name } = isObject(one) ? one : {};
      return {
        package: packages.variable(String(name)),
        page: escapeText(String(page)),
        epoch: { $type: 'string' },
        offset: { $type: 'integer' },
        ...(recovered === undefined ? {} : { recovered }),
        ...(replayed === undefined ? {} : { replayed }),
      };
    }),
  };
}

/** That a message with this payload comes, whatever is in it. */
function payloadPattern(message: JsonObject): JsonObject {
  const names = Object.keys(message).filter((name) => name !== 'sender' && name !== 'id');
  return Object.fromEntries(names.map((name) => [name, { $any: true }]));
}

/** A value as a pattern: names that begin as operators do would be read as such. */
function withoutOperators(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => withoutOperators(one));
  if (!isObject(value)) return value;
  if (Object.keys(value).some((name) => name.startsWith('$'))) return { $any: true };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutOperators(member)]));
}

function closingSteps({ by, code, reason }: Moment & { readonly kind: 'closing' }, { line, client }: Of): Partial[] {
  if (by === 'server') return [expectClose({ client, code })];
  const isServed = line.dialect === 'base' && line.said.some(({ message }) => message?.kind === 'publish');
  if (isServed) return [expectClose({ client })];
  const close = { ...(code === 1005 ? {} : { code }), ...(reason === '' ? {} : { reason: escapeText(reason) }) };
  return [{ word: 'frame', args: { client, close }, rules: [] }, expectClose({ client })];
}

/** The end of a connection says something only where no close frame came before. */
function endedSteps(by: 'client' | 'server', { line, client }: Of): Partial[] {
  if (line.moments.some(({ kind }) => kind === 'closing')) return [];
  if (line.status !== 101) return by === 'server' ? [expectClose({ client })] : [];
  if (by === 'server') return [expectClose({ client, code: 1006 })];
  return [{ word: 'frame', args: { client, close: {} }, rules: [] }, expectClose({ client })];
}

function expectClose(args: Arguments): Partial {
  return { word: 'expect-close', args, rules: ['R-4.1'] };
}
