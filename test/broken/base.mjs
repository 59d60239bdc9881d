import { grantRefusal, refusal } from './access.mjs';
import { names } from './grants.mjs';
import { Invalid } from './invalid.mjs';
import { found, readObject } from './message.mjs';
import { broken } from './mistakes/index.mjs';
import { settings } from './settings.mjs';
import { readNotification, readSubscriptions, refuseOthers } from './shape.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes a message of a base peer. */
export function speakBase(session, text) {
  if (session.refused) return undefined;
  try {
    const message = readBase(text);
    if (message.notification !== undefined) return publish(session, message, text);
    if (!session.connection.closing && message.subscriptions !== undefined) return subscribe(session, message.subscriptions);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    refuse(session, error);
  }
  return undefined;
}

function readBase(text) {
  const { value, raw } = readObject(text);
  const fail = (path, expected) => new Invalid('invalid-message', path, expected);
  if (broken('members-refused')) refuseOthers(value, ['sender', 'subscriptions', 'notification', 'id', 'key', 'resume', 'token'], fail);
  const sender = readSender(value);
  if (sender === undefined) return {};
  if (sender === 'client' && (value.notification === undefined || !broken('publisher-sender-client'))) {
    return { subscriptions: readSubscriptions(value.subscriptions) };
  }
  try {
    if (value.notification === undefined && broken('notification-missing')) return { notification: null };
    return readNotification(value.notification, raw.get('notification'), '/notification');
  } catch (error) {
    throw Object.assign(error, { publisher: true });
  }
}

function readSender({ sender, subscriptions, notification }) {
  if (broken('sender-passed-over')) return subscriptions === undefined && notification !== undefined ? 'server' : 'client';
  if (broken('sender-missing') && sender === undefined) return 'client';
  if (broken('sender-case') && typeof sender === 'string') return sender.toLowerCase();
  if (sender === 'client' || sender === 'server') return sender;
  if (broken('sender-unknown')) return undefined;
  throw new Invalid('invalid-message', '/sender', `expected "client" or "server"${found(sender)}`);
}

function subscribe(session, list) {
  const at = list.findIndex((each) => !names(session.identity.subscribe, each));
  if (at >= 0 && !broken('ungranted-topic-accepted')) return forbid(session, `/subscriptions/${at} is of a topic that is not granted`);
  if (broken('set-gap')) {
    session.subscribe([]);
    return wait(10).then(() => session.subscribe(list));
  }
  if (broken('pong-early')) setTimeout(() => session.subscribe(list), 30);
  else session.subscribe(list);
  if (broken('subscriber-answered')) session.connection.sendText('{"sender":"server","subscribed":true}');
  if (broken('subscriber-closed')) session.connection.close(1000);
  return undefined;
}

let busy = Promise.resolve();

function publish(session, message, text) {
  const forbidden = refusal(session.request) ?? grantRefusal(session.request, { ...session, notification: message.notification });
  if (forbidden !== undefined && !broken('forbidden-sent')) return forbid(session, forbidden);
  if (session.connection.closing && broken('lose-after-first')) return undefined;
  if (broken('lose-dead-publisher')) return wait(20).then(() => !hasGone(session) && serve(session, message, text));
  if (!broken('publisher-one-at-a-time')) return serve(session, message, text);
  const turn = busy;
  busy = turn.then(() => new Promise((resolve) => session.connection.socket.once('close', resolve)));
  return turn.then(() => serve(session, message, text));
}

function hasGone({ connection }) {
  return connection.socket.destroyed || connection.socket.readableEnded;
}

function serve(session, { notification, raw }, text) {
  if (notification !== null) {
    const publication = { raw, value: notification, whole: text, publisher: session, key: keyOf(text) };
    session.broker.publish({ ...publication, later: broken('publisher-closed-first') ? 40 : 0 });
  }
  const forbidden = refusal(session.request);
  if (forbidden !== undefined) return forbid(session, forbidden);
  return letGo(session.connection);
}

/** The key of a base publisher means nothing, but for a mistake. */
function keyOf(text) {
  return broken('key-of-base') ? JSON.parse(text).key : undefined;
}

function letGo(connection) {
  if (broken('publisher-receipt')) connection.sendText('{"sender":"server","receipt":{"matched":1}}');
  if (broken('publisher-not-closed')) return;
  if (broken('publisher-close-echoed')) setTimeout(() => connection.close(1000), 5);
  else if (broken('publisher-cut')) connection.cut();
  else if (broken('publisher-closed-empty')) connection.close(undefined);
  else connection.close(broken('publisher-closed-1001') ? 1001 : 1000, '', { keep: broken('publisher-waits') });
}

function forbid(session, reason) {
  session.refused = true;
  if (broken('forbidden-silent')) return;
  const code = ['4400', '1008', '1000'].find((each) => broken(`forbidden-${each}`)) ?? '4403';
  session.connection.close(broken('code-4400-always') ? 4400 : Number(code), reason);
}

function refuse(session, error) {
  if (broken('invalid-passed-over') || (broken('not-json-passed-over') && error.notJson)) return;
  if (broken('invalid-publisher-passed-over') && error.publisher) return;
  if (settings.tolerant && !error.publisher) return tolerate(session, error);
  session.refused = true;
  if (broken('invalid-stops-topic') && error.publisher) session.broker.skipsNext = true;
  if (broken('invalid-closes-others')) for (const other of session.broker.sessions) other.connection.close(4400, error.reason);
  if (broken('code-1006-invalid')) session.connection.cut();
  else session.connection.close(refusalCode(error), error.reason);
}

/** Passes an invalid message over, unless there were 60 within a minute. */
function tolerate(session, { reason }) {
  process.stderr.write(`Passed over: ${reason}\n`);
  const now = Date.now();
  session.invalidAt = [...session.invalidAt.filter((at) => at > now - 60_000), now];
  if (session.invalidAt.length >= 60) session.connection.close(1008, 'too many invalid messages');
}

function refusalCode(error) {
  if (broken('invalid-publisher-1000') && error.publisher) return 1000;
  if (broken('invalid-subscription-1000') && !error.publisher) return 1000;
  if (broken('code-1008-invalid')) return 1008;
  if (broken('code-1011-invalid')) return 1011;
  if (broken('code-1007-not-json') && error.notJson) return 1007;
  return error.kind === 'too-many' && !broken('code-4400-always') ? 4429 : 4400;
}
