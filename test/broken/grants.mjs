import { isObject, matches } from './match.mjs';
import { broken } from './mistakes/index.mjs';

/** Whether any of the grants lets a notification through. */
export function permits(grants, notification) {
  return grants === 'all' || grants.some((grant) => matches(ofTopic(grant, notification), notification));
}

/** Whether any of the grants is for the topic, whatever its filters say. */
export function names(grants, topic) {
  return grants === 'all' || grants.some((grant) => matches({ ...ofTopic(grant, topic), filters: {} }, { ...topic, filters: {} }));
}

/** Whether the grants may hold back some of what is published in the topic. */
export function narrows(grants, topic) {
  if (grants === 'all' || broken('narrowed-missing')) return false;
  return !grants.some((grant) => names([grant], topic) && (grant.filters === undefined || Object.keys(grant.filters).length === 0));
}

/** Whether a notification may reach a peer because of a subscription of its: both have to match. */
export function reaches({ subscribe }, subscription, notification) {
  if (!matches(subscription, notification)) return false;
  if (broken('grants-ignored-at-delivery')) return true;
  if (
    broken('grants-compared') &&
    subscribe !== 'all' &&
    subscribe.some((grant) => covers(grant.filters ?? {}, subscription.filters ?? {}))
  )
    return true;
  return permits(subscribe, notification);
}

/** A grant as a subscription: `*` is any name. */
function ofTopic(grant, { package: packageName, page }) {
  return {
    package: grant.package === '*' ? packageName : grant.package,
    page: grant.page === '*' || broken('grants-page-ignored') ? page : grant.page,
    filters: broken('grants-filters-ignored') ? {} : grant.filters,
  };
}

/** Whether filters seem to ask for nothing but what other filters allow: a mistake, for they say nothing of bare scalars. */
function covers(allowed, wanted) {
  if (isObject(allowed))
    return isObject(wanted) && Object.keys(allowed).every((name) => name in wanted && covers(allowed[name], wanted[name]));
  return [wanted].flat().every((each) => [allowed].flat().includes(each));
}
