import { Invalid } from './invalid.mjs';
import { levels } from './json.mjs';
import { isObject } from './match.mjs';
import { checkNotificationNames, found } from './message.mjs';
import { broken } from './mistakes/index.mjs';

/** A checked list of subscriptions. Throws Invalid. */
export function readSubscriptions(list, { v1 = false } = {}) {
  if (broken('subscriptions-object') && isObject(list)) return [];
  if (broken('subscriptions-missing') && list === undefined) return [];
  if (broken('subscriptions-null') && list === null) return [];
  if (!Array.isArray(list))
    throw new Invalid(list === undefined ? 'invalid-message' : 'invalid-subscription', '/subscriptions', `expected a list${found(list)}`);
  if (list.length > 1000) throw new Invalid('too-many', '/subscriptions', 'has more than 1000 subscriptions');
  const read = [];
  for (const [index, each] of list.entries()) {
    try {
      if (broken('subscription-null') && each === null) continue;
      read.push(readSubscription(each, `/subscriptions/${index}`, v1));
    } catch (error) {
      if (!broken('invalid-subscription-skipped')) throw Object.assign(error, { before: read });
    }
  }
  return broken('set-hundred') ? read.slice(0, 100) : read;
}

function readSubscription(value, path, v1) {
  const fail = (at, expected) => new Invalid('invalid-subscription', path + at, expected);
  if (!isObject(value)) throw fail('', `expected an object${found(value)}`);
  checkTopic(value, fail);
  if (broken('subscription-members-refused')) refuseOthers(value, ['package', 'page', 'filters'], fail);
  checkFilters(value.filters, { fail, wanted: true });
  if ((v1 || broken('rewind-base-checked')) && value.rewind !== undefined) checkRewind(value.rewind, fail);
  return value;
}

function checkRewind(rewind, fail) {
  if (Number.isInteger(rewind) && rewind >= 1 && rewind <= 1000) return;
  if (broken('rewind-zero-accepted') && rewind === 0) return;
  if (broken('rewind-many-accepted') && rewind > 1000) return;
  if (broken('rewind-text-accepted') && typeof rewind === 'string') return;
  if (broken('rewind-null-accepted') && rewind === null) return;
  throw fail('/rewind', `expected an integer from 1 to 1000${found(rewind)}`);
}

/** Checks a notification. Throws Invalid. */
function checkNotification(value, path) {
  const fail = (at, expected) => new Invalid('invalid-notification', path + at, expected);
  if (broken('notification-list') && Array.isArray(value)) return;
  if (!isObject(value)) throw fail('', `expected an object${found(value)}`);
  checkTopic(value, fail);
  checkFilters(value.filters, { fail, wanted: false });
  if (broken('data-needed') && !isObject(value.data)) throw fail('/data', 'expected an object');
  if (broken('message-needed') && typeof value.message !== 'string') throw fail('/message', 'expected a text');
}

/** Checks package and page of a subscription, a notification or a resume. */
export function checkTopic(value, fail) {
  for (const name of ['package', 'page']) {
    const text = value[name];
    if (broken('name-number') && typeof text === 'number') continue;
    if (broken('name-missing') && name === 'page' && text === undefined) continue;
    if (broken('name-empty') && text === '') continue;
    if (typeof text !== 'string' || text === '') throw fail(`/${name}`, `expected a text that is not empty${found(text)}`);
    const size = broken('name-utf16') ? 2 * text.length : broken('name-characters') ? text.length : Buffer.byteLength(text);
    if (size > nameLimit()) throw fail(`/${name}`, `has ${size} bytes, at most 256 are allowed`);
    if (broken('name-plain') && !/^\w+$/u.test(text)) throw fail(`/${name}`, 'expected letters');
  }
}

function nameLimit() {
  if (broken('name-unlimited')) return Number.POSITIVE_INFINITY;
  if (broken('name-255')) return 255;
  return broken('name-257') ? 257 : 256;
}

function checkFilters(filters, { fail, wanted }) {
  if (refusedByMistake(filters, wanted)) throw fail('/filters', 'expected other filters');
  if (filters === undefined || filters === null) return;
  if (Array.isArray(filters) && (filters.length === 0 || broken('filters-list'))) return;
  if (filters === true && (wanted || broken('given-filters-true'))) return;
  if (filters === false && broken('filters-false')) return;
  if (typeof filters === 'string' && (wanted ? broken('filters-text') : broken('given-filters-text'))) return;
  if (!isObject(filters)) throw fail('/filters', `expected an object${found(filters)}`);
  if (broken('values-thousand') && JSON.stringify(filters).split(',').length > 1000) throw fail('/filters', 'has more than 1000 values');
  if (levels(filters) > filterLimit(wanted)) throw fail('/filters', 'is nested deeper than 8 levels');
}

function refusedByMistake(filters, wanted) {
  const emptyList = Array.isArray(filters) && filters.length === 0;
  if (!wanted) return (broken('given-filters-null-invalid') && filters === null) || (broken('given-filters-list-invalid') && emptyList);
  if (broken('filters-list-invalid') && emptyList) return true;
  if (broken('filters-true-invalid') && filters === true) return true;
  return broken('filters-absent-invalid') && filters === undefined;
}

function filterLimit(wanted) {
  if (broken('filters-depth-unlimited')) return Number.POSITIVE_INFINITY;
  if (broken('filters-depth-given-unlimited') && !wanted) return Number.POSITIVE_INFINITY;
  if (broken('filters-depth-7')) return 7;
  return broken('filters-depth-9') ? 9 : 8;
}

/** Refuses members that are not of the names: a mistake. */
export function refuseOthers(value, names, fail) {
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other !== undefined) throw fail(`/${other}`, 'is unknown');
}

/** A checked notification and its text: { notification, raw }. Throws Invalid. */
export function readNotification(value, raw, path) {
  checkNotification(value, path);
  if (!(broken('http-names-unchecked') && path !== '/notification')) checkNotificationNames(raw, path);
  return { notification: value, raw };
}
