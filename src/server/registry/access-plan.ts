import { comparisonForm, isObject, isScalar, isWildcard, type Json, type JsonObject } from '../../protocol/index.js';
import { ANY_PRESENT, ANY_SCALAR, type BucketKey, type Node } from './node.js';

/** A bucket to post a subscription in: filter names from the root of the index, then the key at that node. */
interface Target {
  readonly path: readonly string[];
  readonly key: BucketKey;
}

/** Where a subscription is posted so that every notification that it accepts comes across it. */
export interface AccessPlan {
  readonly targets: readonly Target[];
  /** Whether a wildcard is among them: such a bucket is met by every notification that has the member. */
  readonly hasWildcard: boolean;
  /** How many postings already stand in those buckets: what a notification that meets one will also meet. */
  readonly crowd: number;
}

/**
 * Chooses the one filter name of `members` under which to post: equality before a wildcard, then the smaller crowd.
 * All filters have to accept, so meeting the subscription at one of them is enough to find it.
 * @param node the index as it stands at `path`, if anything is there.
 */
export function planMembers(members: JsonObject, node: Node | undefined, path: readonly string[]): AccessPlan {
  let best: AccessPlan | undefined;
  for (const name of Object.keys(members)) {
    const plan = planValue(members[name] as Json, node?.children?.get(name), [...path, name]);
    if (!best || isBetter(plan, best)) best = plan;
  }
  return best ?? { targets: [], hasWildcard: false, crowd: 0 };
}

function planValue(wanted: Json, node: Node | undefined, path: readonly string[]): AccessPlan {
  if (isWildcard(wanted)) return plan([ANY_PRESENT], node, path);
  if (!isObject(wanted)) return plan(acceptedForms(wanted), node, path);
  // An object given must have every member, so one of them is enough; a scalar given needs any of them, so all are.
  const inside = planMembers(wanted, node, path);
  const here = plan(acceptedForms(wanted), node, path);
  return {
    targets: [...here.targets, ...inside.targets],
    hasWildcard: here.hasWildcard || inside.hasWildcard,
    crowd: here.crowd + inside.crowd,
  };
}

function plan(keys: Iterable<BucketKey>, node: Node | undefined, path: readonly string[]): AccessPlan {
  const targets: Target[] = [];
  let hasWildcard = false;
  let crowd = 0;
  for (const key of keys) {
    targets.push({ path, key });
    hasWildcard ||= typeof key === 'symbol';
    crowd += node?.bucket(key)?.size ?? 0;
  }
  return { targets, hasWildcard, crowd };
}

/** The scalars that `wanted` accepts when one is given in its place. */
function acceptedForms(wanted: Json): Set<BucketKey> {
  const forms = new Set<BucketKey>();
  addForms(wanted, forms);
  return forms.has(ANY_SCALAR) ? new Set([ANY_SCALAR]) : forms;
}

function addForms(wanted: Json, forms: Set<BucketKey>): void {
  if (isWildcard(wanted)) forms.add(ANY_SCALAR);
  else if (isScalar(wanted)) forms.add(comparisonForm(wanted));
  else if (Array.isArray(wanted)) {
    for (const element of wanted) if (isScalar(element)) forms.add(comparisonForm(element));
  } else for (const entry of Object.values(wanted)) addForms(entry, forms);
}

function isBetter(one: AccessPlan, other: AccessPlan): boolean {
  if (one.hasWildcard !== other.hasWildcard) return !one.hasWildcard;
  return one.crowd < other.crowd;
}
