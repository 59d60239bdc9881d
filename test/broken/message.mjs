import { Invalid } from './invalid.mjs';
import { depthOf, members } from './json.mjs';
import { isObject } from './match.mjs';
import { broken } from './mistakes/index.mjs';

const TOP = ['sender', 'subscriptions', 'notification', 'id', 'key', 'resume', 'token'];
const TOP_OF_BASE = ['sender', 'subscriptions', 'notification'];
const IN_NOTIFICATION = ['package', 'page', 'filters', 'data', 'message'];

/** Parses one JSON object that is not too deep and whose known names stand once and plainly. Throws Invalid. */
export function readObject(text) {
  const value = parse(text);
  if (Array.isArray(value) && broken('list-accepted')) return { value: value[0] ?? {}, raw: new Map() };
  if (!isObject(value)) throw new Invalid('invalid-message', '', `expected one JSON object${found(value)}`);
  const raw = new Map();
  const names = broken('twice-not-v1-names') ? TOP_OF_BASE : TOP;
  try {
    checkNames(text, { names, path: '', mistakes: ['twice-accepted', 'escaped-accepted'] }, raw);
  } catch (error) {
    const isClear = typeof value.id === 'string' && value.id !== '' && Buffer.byteLength(value.id) <= 64 && error.path !== '/id';
    throw Object.assign(error, { id: isClear ? value.id : undefined });
  }
  return { value, raw };
}

/** Checks the names of a notification as it is written. Throws Invalid. */
export function checkNotificationNames(text, path) {
  checkNames(text, { names: IN_NOTIFICATION, path, mistakes: ['twice-in-notification', 'escaped-in-notification'] });
}

function parse(text) {
  const { limit, countTexts } = depthLimit();
  if ((broken('depth-counts-all') ? text.split(/[[{]/u).length - 1 : depthOf(text, { countTexts })) > limit)
    throw new Invalid('invalid-message', '', 'is nested deeper than 64 levels');
  try {
    return JSON.parse(repaired(text));
  } catch {
    if (broken('rest-accepted') && text.includes('}')) return JSON.parse(text.slice(0, text.lastIndexOf('}') + 1));
    throw Object.assign(new Invalid('invalid-message', '', 'expected JSON, this text is none'), { notJson: true });
  }
}

function depthLimit() {
  const countTexts = broken('depth-brackets-in-text');
  if (broken('depth-unlimited')) return { limit: Number.POSITIVE_INFINITY, countTexts };
  if (broken('depth-32')) return { limit: 32, countTexts };
  if (broken('depth-63')) return { limit: 63, countTexts };
  return { limit: broken('depth-65') ? 65 : 64, countTexts };
}

function repaired(text) {
  if (broken('comma-accepted')) return text.replace(/,(\s*[}\]])/gu, '$1');
  return text;
}

function checkNames(text, { names, path, mistakes: [twice, escapes] }, raw = new Map()) {
  const kind = path === '' ? 'invalid-message' : 'invalid-notification';
  const seen = new Set();
  for (const member of members(text)) {
    const known = names.includes(member.name);
    if (member.escaped && (known ? !broken(escapes) : broken('escaped-unknown-refused')))
      throw new Invalid(kind, `${path}/${member.name}`, 'must be spelled without escapes');
    if (seen.has(member.name) && (known ? !broken(twice) : broken('twice-unknown-refused')))
      throw new Invalid(kind, `${path}/${member.name}`, 'must not stand twice');
    seen.add(member.name);
    raw.set(member.name, member.raw);
    if (broken('twice-in-data-refused') && member.name === 'data') checkInside(member.raw, path);
  }
}

function checkInside(text, path) {
  const names = [...members(text)].map((member) => member.name).filter((name) => TOP.includes(name) || IN_NOTIFICATION.includes(name));
  if (new Set(names).size < names.length) throw new Invalid('invalid-message', `${path}/data`, 'must not hold a name twice');
}

/** A short note of what was found instead, for a reason. */
export function found(value) {
  return value === undefined ? ', it is missing' : `, not ${JSON.stringify(value)}`;
}
