import { broken } from './mistakes/index.mjs';
import { equal, isScalar } from './scalar.mjs';
import { sameTopic } from './topic.mjs';

/** Whether a subscription wants a notification: the same topic, and every filter accepts. */
export function matches(subscription, notification) {
  if (!sameTopic(subscription, notification)) return false;
  const remember = broken('cache-by-values') ? valuesOf : broken('cache-by-string') ? textOf : undefined;
  return remember === undefined ? wants(subscription, notification) : remembered(subscription, notification, remember);
}

const valuesOf = (filters) => JSON.stringify(Object.values(members(filters)));
const textOf = (filters) => String(Object.entries(members(filters)));
const memory = new Map();

/** What a subscription of the same form made of a notification of the same key: mistakes of a cache. */
function remembered(subscription, notification, keyOf) {
  const key = JSON.stringify([subscription, keyOf(notification.filters)]);
  if (!memory.has(key)) memory.set(key, wants(subscription, notification));
  return memory.get(key);
}

function wants(subscription, notification) {
  if (broken('filters-null-never') && subscription.filters === null) return false;
  if (broken('given-filters-needed') && notification.filters === undefined) return false;
  const wanted = members(subscription.filters);
  const given = members(notification.filters);
  const names = broken('only-first-filter') ? Object.keys(wanted).slice(0, 1) : Object.keys(wanted);
  if (broken('no-condition-needs-filters') && names.length === 0) return Object.keys(given).length === 0;
  if (names.length > 0 && broken('index-first-given') && !names.includes(Object.keys(given)[0])) return false;
  if (broken('filters-in-order') && !isInOrder(names, given)) return false;
  const test = (name) => namedAccepts(wanted, given, name);
  if (broken('index-first-wanted') && names.length > 1) return names.slice(1).every(test) || names.every(test);
  return broken('any-filter') && names.length > 0 ? names.some(test) : names.every(test);
}

function namedAccepts(wanted, given, name) {
  if (broken('filter-names-case')) {
    const same = Object.keys(given).find((each) => each.toLowerCase() === name.toLowerCase());
    return same !== undefined && accepts(wanted[name], given[same]);
  }
  const there = broken('inherited-names') ? name in given : Object.hasOwn(given, name);
  if (there) return accepts(wanted[name], given[name]);
  if (broken('missing-wildcard-accepted') && wanted[name] === true) return true;
  return broken('missing-accepted');
}

/** Whether the names that both have come in the same order. */
function isInOrder(names, given) {
  const shared = Object.keys(given).filter((name) => names.includes(name));
  return names.filter((name) => shared.includes(name)).every((name, index) => name === shared[index]);
}

function members(filters) {
  if (!isObject(filters)) return {};
  if (!broken('proto-swallowed')) return filters;
  const copy = {};
  for (const [name, value] of Object.entries(filters)) copy[name] = value;
  return copy;
}

/** The table of section 3; its first row that fits decides. */
export function accepts(wanted, given) {
  if (broken('numeric-names-list') || broken('named-length-list')) {
    if (isListLike(given)) return accepts(wanted, Object.values(given));
    if (isListLike(wanted)) return accepts(Object.values(wanted), given);
  }
  if (isWildcard(wanted) && !wildcardRefuses(wanted, given)) return true;
  if (broken('empty-text-accepts') && wanted === '') return true;
  if (Array.isArray(given)) return listIsAccepted(wanted, given);
  if (Array.isArray(wanted))
    return isObject(given) ? broken('list-object-accepted') && anyValue(wanted, given) : listAccepts(wanted, given);
  if (isObject(wanted)) return isObject(given) ? objectAcceptsObject(wanted, given) : objectAcceptsScalar(wanted, given);
  if (isObject(given)) {
    if (broken('object-text-accepted')) return equal(wanted, String(Object.assign({}, given)));
    return broken('scalar-object-accepted') && anyValue(wanted, given);
  }
  return equal(wanted, given);
}

function isListLike(value) {
  if (!isObject(value)) return false;
  if (broken('named-length-list')) return Object.hasOwn(value, 'length');
  return Object.keys(value).length > 0 && Object.keys(value).every((name) => /^\d+$/u.test(name));
}

function isWildcard(wanted) {
  if (wanted === true) return true;
  if (broken('wildcard-as-text') && wanted === 'true') return true;
  if (broken('wildcard-one') && wanted === 1) return true;
  if (broken('wildcard-false') && wanted === false) return true;
  if (broken('wildcard-star') && wanted === '*') return true;
  return isObject(wanted) && Object.keys(wanted).length === 0;
}

/** Where a wildcard is none, by mistake. */
function wildcardRefuses(wanted, given) {
  const emptyList = Array.isArray(given) && given.length === 0;
  if (isObject(wanted)) {
    if (broken('empty-object-no-wildcard')) return !isObject(given);
    if (broken('empty-object-needs-object')) return !isObject(given);
    return broken('empty-object-refuses-empty-list') && emptyList;
  }
  if (broken('wildcard-needs-value') && given === null) return true;
  if (broken('wildcard-needs-truth') && !given) return true;
  if (broken('wildcard-as-scalar')) return true;
  if (broken('wildcard-refuses-empty-list') && emptyList) return true;
  return broken('wildcard-refuses-object') && isObject(given);
}

function listIsAccepted(wanted, given) {
  if (broken('given-list-empty-accepted') && given.length === 0) return true;
  if (broken('given-list-first')) return given.length > 0 && accepts(wanted, given[0]);
  if (broken('given-list-last')) return given.length > 0 && accepts(wanted, given.at(-1));
  if (broken('given-list-every')) return given.length > 0 && given.every((element) => accepts(wanted, element));
  if (broken('given-list-by-text') && Array.isArray(wanted)) return JSON.stringify(wanted) === JSON.stringify(given);
  if (broken('given-list-joined')) return [wanted].flat().some((element) => String(element) === String(given));
  if (broken('given-list-flat')) return given.some((element) => !Array.isArray(element) && accepts(wanted, element));
  return given.some((element) => accepts(wanted, element));
}

/** A list of wanted values and a scalar: objects and lists inside are inert, `true` is a scalar there. */
function listAccepts(wanted, given) {
  if (broken('wanted-list-empty-accepts') && wanted.length === 0) return true;
  if (broken('wanted-list-strict')) return wanted.includes(given);
  const candidates = broken('wanted-list-first') ? wanted.slice(0, 1) : wanted;
  return candidates.some((element) => {
    if (broken('wanted-list-true') && element === true) return true;
    if (broken('wanted-list-nested') && Array.isArray(element)) return listAccepts(element, given);
    if (broken('wanted-list-object') && isObject(element)) return objectAcceptsScalar(element, given);
    if (broken('wanted-list-text-form') && Array.isArray(element)) return String(element) === String(given);
    return isScalar(element) && equal(element, given);
  });
}

function objectAcceptsObject(wanted, given) {
  const names = Object.keys(wanted);
  if (broken('objects-in-order') && !isInOrder(names, given)) return false;
  if (broken('objects-exact') && names.length !== Object.keys(given).length) return false;
  const test = (name) => {
    if (broken('objects-missing-accepted') && !Object.hasOwn(given, name)) return true;
    if (broken('objects-flat') && isObject(wanted[name]) && Object.hasOwn(given, name)) return true;
    return namedAccepts(wanted, given, name);
  };
  return broken('objects-some') ? names.some(test) : names.every(test);
}

function objectAcceptsScalar(wanted, given) {
  if (broken('object-scalar-refused')) return false;
  if (broken('object-scalar-names')) return Object.keys(wanted).some((name) => equal(name, given));
  const values = broken('object-scalar-first') ? Object.values(wanted).slice(0, 1) : Object.values(wanted);
  if (broken('object-scalar-every')) return values.every((value) => accepts(value, given));
  if (broken('object-scalar-flat')) return values.some((value) => isScalar(value) && accepts(value, given));
  return values.some((value) => accepts(value, given));
}

function anyValue(wanted, given) {
  return Object.values(given).some((value) => accepts(wanted, value));
}

/** A JSON object, that is neither null nor a list. */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
