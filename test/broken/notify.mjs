import { grantRefusal } from './access.mjs';
import { Invalid } from './invalid.mjs';
import { elements, members } from './json.mjs';
import { KeyReused } from './keys.mjs';
import { found, readObject } from './message.mjs';
import { broken } from './mistakes/index.mjs';
import { Refused } from './refused.mjs';
import { readNotification } from './shape.mjs';
import { readKey, spoil } from './v1.mjs';

/** Publishes the body of a POST: { receipt } or { receipts }. Throws Refused. */
export function notify(body, { broker, request, identity, key }) {
  const checkGrant = (notification) => {
    const reason = grantRefusal(request, { identity, notification, http: true });
    if (reason !== undefined) throw new Refused(403, reason);
  };
  try {
    const { value, raw } = broken('http-unchecked') ? readUnchecked(decode(body)) : readObject(decode(body));
    if (Object.hasOwn(value, 'notifications')) return notifyList(value, raw, { broker, key, checkGrant });
    const read = readOne(value, raw, body.toString());
    const used = readKeys(key, value);
    checkGrant(read.notification);
    const receipt = publish(broker, { ...read, key: used, subject: identity?.subject });
    return broken('answer-bare-receipt') ? receipt : { receipt };
  } catch (error) {
    throw asRefused(error);
  }
}

/** The key of a header and that of a wrapped body, which have to be the same. */
function readKeys(header, value) {
  const longer = broken('http-key-long');
  const ofHeader = readKey(header, { path: '', longer });
  const ofBody = Object.hasOwn(value, 'notification') ? readKey(value.key, { longer }) : undefined;
  if (ofHeader !== undefined && ofBody !== undefined && ofHeader !== ofBody && !broken('http-key-of-header'))
    throw new Invalid('invalid-key', '/key', 'expected the key of the header');
  return ofHeader ?? ofBody;
}

function readUnchecked(text) {
  const value = parseBody(text);
  return { value, raw: new Map([...members(text)].map((member) => [member.name, member.raw])) };
}

function parseBody(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Invalid('invalid-message', '', 'expected JSON');
  }
}

function decode(body) {
  if (broken('http-not-utf8')) return body.toString();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Refused(400, 'the body is not UTF-8');
  }
}

function readOne(value, raw, text) {
  if (Object.hasOwn(value, 'notification')) {
    if (broken('wrapped-refused')) throw new Invalid('invalid-message', '/package', 'expected a text');
    if (value.sender !== undefined && value.sender !== 'server')
      throw new Invalid('invalid-message', '/sender', `expected "server"${found(value.sender)}`);
    const read = readNotification(value.notification, raw.get('notification'), '/notification');
    return broken('body-wrapped-relayed') ? { ...read, raw: text } : read;
  }
  if (broken('bare-refused')) throw new Invalid('invalid-message', '/notification', 'expected an object, it is missing');
  return readNotification(value, text.trim(), '');
}

function notifyList({ notifications }, raw, { broker, key, checkGrant }) {
  if (broken('list-unsupported')) throw new Refused(400, 'lists are not taken');
  if (!Array.isArray(notifications)) throw new Invalid('invalid-message', '/notifications', `expected a list${found(notifications)}`);
  if (key !== undefined && !broken('list-key-accepted')) throw new Refused(400, 'Idempotency-Key does not go with a list');
  if (broken('list-empty-refused') && notifications.length === 0) throw new Refused(400, 'the list is empty');
  const texts = [...elements(raw.get('notifications'))];
  const read = [];
  const receipts = [];
  for (const [index, value] of notifications.entries()) {
    const one = readElement(value, texts[index], index);
    if (broken('list-partly-sent')) receipts.push(publish(broker, one));
    else read.push(one);
  }
  for (const { notification } of read) checkGrant(notification);
  if (broken('list-sent-reversed')) read.reverse();
  if (broken('list-by-topic')) read.sort((a, b) => (a.notification.page < b.notification.page ? -1 : 1));
  if (broken('list-32')) read.splice(32);
  receipts.push(...read.map((each) => publish(broker, each)));
  if (broken('list-reversed')) receipts.reverse();
  return broken('list-one-receipt') ? { receipt: receipts.at(-1) } : { receipts };
}

function readElement(value, text, index) {
  try {
    return readNotification(value, broken('list-reencoded') ? JSON.stringify(value) : text, `/notifications/${index}`);
  } catch (error) {
    const told = broken('list-index-from-one') ? index + 1 : index;
    if (broken('list-no-index')) error.path = error.path.replace(/^\/notifications\/\d+/u, '');
    else throw Object.assign(error, { index: told, path: error.path.replace(/\d+/u, told) });
    throw error;
  }
}

function publish(broker, { notification, raw, key, subject }) {
  const text = broken('body-reencoded') ? JSON.stringify(notification) : raw;
  const used = broken('http-key-ignored') ? undefined : key;
  const receipt = broker.publish({ raw: text, value: notification, key: used, subject, later: broken('answer-before-fanout') ? 40 : 0 });
  if (receipt.duplicate && broken('http-key-duplicate-422')) throw new KeyReused();
  if (broken('http-offset-apart')) return { matched: receipt.matched, duplicate: false };
  const told = spoil(receipt);
  if (broken('answer-no-matched')) delete told.matched;
  return told;
}

function asRefused(error) {
  if (error instanceof KeyReused) return new Refused(broken('http-key-409') ? 409 : 422, 'the key was used for another notification');
  if (!(error instanceof Invalid)) return error;
  const status = ['500', '422', '200'].find((each) => broken(`invalid-${each}`)) ?? '400';
  const members = { pointer: error.path, ...(error.index === undefined ? {} : { index: error.index }) };
  return new Refused(Number(status), error.reason, { members });
}
