import { isObject, type Json, type JsonObject, topicKey } from '../../protocol/index.js';
import { parse } from './answers.js';
import type { Arguments, Material } from './draft.js';
import { isFaithful } from './faithful.js';
import { escapeValue, OWN_PACKAGE } from './packages.js';
import type { Resumed } from './resumes.js';
import { withoutTokens } from './secrets.js';
import type { Saying } from './story.js';

const SUBSCRIBING = ['sender', 'id', 'subscriptions', 'resume'];

/** Arguments of the `send` that says a message again: as plain as it can be, as text where only text keeps what it was. */
export function sendArguments(client: string, { text, index }: Saying, { packages, resumes }: Material): Arguments {
  const shown = withoutTokens(text);
  const message = parse(shown);
  if (!message || !isFaithful(shown, message)) return { client, text: packages.inText(shown) };
  const resumed = resumes.byMessage.get(index) ?? new Map<string, Resumed>();
  const inResume = (value: Json): Json => {
    const found = isObject(value) ? resumed.get(topicOf(value)) : undefined;
    const replaced = packages.inValue(value);
    return found && isObject(replaced) ? { ...replaced, epoch: found.epoch, offset: found.offset } : replaced;
  };
  const lists: JsonObject = {
    ...(Array.isArray(message.subscriptions) ? { subscriptions: packages.inValue(message.subscriptions) } : {}),
    ...(isObject(message.notification) ? { notification: packages.inValue(message.notification) } : {}),
    ...(Array.isArray(message.resume) ? { resume: (message.resume as readonly Json[]).map(inResume) } : {}),
  };
  if (!isPlain(message)) return { client, message: { ...(escapeValue(message) as JsonObject), ...lists } };
  return {
    client,
    ...(message.id === undefined ? {} : { id: escapeValue(message.id) }),
    subscriptions: withoutDefaults(lists.subscriptions),
    ...(lists.resume === undefined ? {} : { resume: withoutDefaults(lists.resume) }),
  };
}

/** Whether `subscriptions:` of the step can say it. */
function isPlain(message: JsonObject): boolean {
  const { sender, subscriptions, resume = [] } = message;
  return (
    sender === 'client' &&
    Object.keys(message).every((name) => SUBSCRIBING.includes(name)) &&
    isListOf(subscriptions, ['package', 'page'], ['filters', 'rewind']) &&
    isListOf(resume, ['package', 'page', 'epoch', 'offset'], [])
  );
}

function isListOf(value: Json | undefined, needed: readonly string[], allowed: readonly string[]): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one: Json) =>
        isObject(one) &&
        needed.every((name) => Object.hasOwn(one, name)) &&
        Object.keys(one).every((name) => needed.includes(name) || allowed.includes(name)),
    )
  );
}

/** Without what the harness fills in: the package of the scenario, and the page `messages`. */
function withoutDefaults(list: Json | undefined): Json {
  if (!Array.isArray(list)) return [];
  return list.map((entry: Json) => {
    if (!isObject(entry)) return entry;
    const { package: name, page, ...others } = entry;
    return {
      ...(name === OWN_PACKAGE || name === undefined ? {} : { package: name }),
      ...(page === 'messages' || page === undefined ? {} : { page }),
      ...others,
    };
  });
}

function topicOf({ package: name, page }: JsonObject): string {
  return topicKey({ package: String(name), page: String(page) });
}
