import { grantRefusal, refusal } from './access.mjs';
import { names } from './grants.mjs';
import { Invalid } from './invalid.mjs';
import { KeyReused } from './keys.mjs';
import { found, readObject } from './message.mjs';
import { broken } from './mistakes/index.mjs';
import { readResume } from './resume.mjs';
import { readNotification, readSubscriptions } from './shape.mjs';
import { answer, heard, sendError } from './v1-answers.mjs';
import { subscribeV1 } from './v1-subscribe.mjs';
import { takeToken } from './v1-token.mjs';

const PAYLOADS = ['subscriptions', 'notification', 'token'];

/** Takes a message of a v1 peer; a promise when the ones after it have to wait. */
export function speakV1(session, text) {
  let id;
  try {
    const { value, raw } = readObject(text);
    id = readId(value);
    session.lastId = id ?? session.lastId;
    heard(session, id);
    return take(session, { value, raw, id, text });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const closes = broken('error-not-json-closes') && error.notJson;
    const tooDeep = broken('error-deep-closes') && error.message.includes('deeper');
    if (closes || tooDeep) session.connection.close(4400, error.reason);
    if (broken('offset-refused') && error.kind === 'invalid-notification') spendOffset(session, text);
    if (broken('error-half-applied') && error.before !== undefined) session.subscribe(error.before);
    return sendError(session, error.id ?? id, { code: error.kind, path: error.path, message: error.message });
  }
}

function spendOffset({ broker }, text) {
  const { package: packageName, page } = JSON.parse(text).notification ?? {};
  if (typeof packageName === 'string' && typeof page === 'string') broker.topic({ package: packageName, page }).offset++;
}

function take(session, { value, raw, id, text }) {
  const { sender } = value;
  if (sender !== 'client' && sender !== 'server')
    throw new Invalid('invalid-message', '/sender', `expected "client" or "server"${found(sender)}`);
  const payloads = PAYLOADS.filter((name) => Object.hasOwn(value, name));
  if (payloads.length > 1 && !broken('two-payloads-accepted'))
    throw new Invalid('invalid-message', `/${payloads[1]}`, 'expected one payload');
  if (payloads.includes('token')) return takeToken(session, id, value.token);
  if (session.identity === undefined && !broken('first-message-any')) return session.connection.close(4401, 'expected a token first');
  if (sender === 'server') return publish(session, { value, raw, id, text });
  if (payloads.includes('subscriptions')) {
    const subscriptions = readSubscriptions(value.subscriptions, { v1: true });
    const at = subscriptions.findIndex((each) => !names(session.identity?.subscribe ?? 'all', each));
    if (at >= 0 && !broken('ungranted-topic-accepted')) return forbid(session, id, 'its topic is not granted', `/subscriptions/${at}`);
    return subscribeV1(session, { id, subscriptions, resume: readResume(value.resume, subscriptions) });
  }
  throw new Invalid('invalid-message', '/subscriptions', 'expected a list, it is missing');
}

function readId({ id }) {
  if (id === undefined) return undefined;
  if (broken('id-number-accepted') && typeof id === 'number') return id;
  if (broken('id-empty-accepted') && id === '') return id;
  const size = typeof id === 'string' ? (broken('id-characters') ? id.length : Buffer.byteLength(id)) : 0;
  if (size >= 1 && (size <= 64 || broken('id-long-accepted'))) return id;
  throw new Invalid('invalid-message', '/id', 'expected a text of 1 to 64 bytes');
}

/** A checked key, of a message or a header. Throws Invalid. */
export function readKey(key, { path = '/key', longer = false } = {}) {
  if (key === undefined) return undefined;
  if (broken('key-number-accepted') && typeof key === 'number') return String(key);
  if (broken('key-empty-accepted') && key === '') return undefined;
  const size = typeof key === 'string' ? Buffer.byteLength(key) : 0;
  if (size >= 1 && (size <= 128 || longer || broken('key-long-accepted'))) return key;
  throw new Invalid('invalid-key', path, 'expected a text of 1 to 128 bytes');
}

function publish(session, { value, raw, id, text }) {
  if (!Object.hasOwn(value, 'notification')) throw new Invalid('invalid-message', '/notification', 'expected an object, it is missing');
  if (broken('key-of-refused-kept') && value.key !== undefined) spendKey(session, { value, raw });
  const read = readNotification(value.notification, raw.get('notification'), '/notification');
  const key = readKey(value.key);
  const forbidden = refusal(session.request) ?? grantRefusal(session.request, { ...session, notification: read.notification });
  if (forbidden !== undefined) return forbid(session, id, forbidden);
  try {
    const later = broken('receipt-early') ? 40 : 0;
    const receipt = session.broker.publish({
      raw: read.raw,
      value: read.notification,
      key,
      whole: text,
      publisher: session,
      subject: session.identity?.subject,
      later,
    });
    if (!broken('receipt-missing')) answer(session, id, { receipt: spoil(receipt) });
    if (broken('v1-publisher-closed')) session.connection.close(1000);
    return undefined;
  } catch (error) {
    if (!(error instanceof KeyReused)) throw error;
    return sendError(session, id, { code: 'key-reused', path: '/key', message: 'the key was used for another notification' });
  }
}

/** Takes the key of what may be refused for used: a mistake. */
function spendKey(session, { value, raw }) {
  try {
    readNotification(value.notification, raw.get('notification'), '/notification');
    if (refusal(session.request) === undefined) return;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
  }
  session.broker.spendKey({ key: value.key, value: value.notification, raw: raw.get('notification') });
}

/** What is wrong with a receipt, by mistake. */
export function spoil(receipt) {
  const told = { ...receipt };
  if (broken('receipt-no-position')) delete told.position;
  if (broken('receipt-no-matched')) delete told.matched;
  if (broken('receipt-no-duplicate')) delete told.duplicate;
  if (broken('receipt-position-next')) told.position = { ...told.position, offset: told.position.offset + 1 };
  return told;
}

function forbid(session, id, message, path = '') {
  if (broken('v1-forbidden-closes')) return session.connection.close(4403, message);
  if (broken('v1-forbidden-drops-set')) session.subscribe([]);
  return sendError(session, id, { code: broken('v1-forbidden-invalid') ? 'invalid-message' : 'forbidden', path, message });
}
