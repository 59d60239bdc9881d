import { comparisonForm, isObject, isScalar, isWildcard, type Json, type JsonObject } from '../../protocol/index.js';
import { ANY_PRESENT, ANY_SCALAR, type BucketKey, type Node } from './node.js';

/** A place to post at, by the filter names from the root of the index, and what to wait for there. */
export interface Target {
  readonly path: readonly string[];
  /** Each once, at least one. */
  readonly keys: readonly BucketKey[];
}

/** What it takes to wait at some places, and how many come across what waits there. */
export interface Cost {
  /** Whether a wildcard is among them: it is met by every notification that has the member. */
  readonly hasWildcard: boolean;
  /** How many postings already stand there: what a notification that meets one will also meet. */
  readonly crowd: number;
  readonly keys: number;
}

/** Where a subscription is posted so that every notification that it accepts comes across it. */
interface AccessPlan extends Cost {
  readonly targets: readonly Target[];
}

const NOTHING: AccessPlan = { targets: [], hasWildcard: false, crowd: 0, keys: 0 };

/**
 * The one predicate of filters that have no other, or undefined when they have several. To meet it is to have met all.
 */
export function onlyTarget(members: JsonObject): Target | undefined {
  const path: string[] = [];
  let wanted: Json = members;
  while (isObject(wanted)) {
    const names: readonly string[] = Object.keys(wanted);
    if (names.length > 1) return undefined;
    const [name] = names;
    if (name === undefined) break;
    path.push(name);
    wanted = wanted[name] as Json;
  }
  return { path, keys: isWildcard(wanted) ? [ANY_PRESENT] : acceptedForms(wanted) };
}

/**
 * Chooses the one filter name of `members` under which to post: equality before a wildcard, then the smaller crowd, then
 * the fewer values. All filters have to accept, so meeting the subscription at one of them is enough to find it.
 * @param node the index as it stands at `path`, if anything is there.
 */
export function planMembers(members: JsonObject, node?: Node, path: readonly string[] = []): AccessPlan {
  return Object.keys(members).length === 0 ? planKeys([ANY_PRESENT], node, path) : choose(members, node, path).plan;
}

interface Choice {
  readonly name: string;
  readonly plan: AccessPlan;
}

function choose(members: JsonObject, node: Node | undefined, path: readonly string[]): Choice {
  let best: Choice | undefined;
  for (const name of Object.keys(members)) {
    const plan = planValue(members[name] as Json, node?.children?.get(name), [...path, name]);
    if (!best || isBetter(plan, best.plan)) best = { name, plan };
  }
  return best ?? { name: '', plan: NOTHING };
}

function planValue(wanted: Json, node: Node | undefined, path: readonly string[]): AccessPlan {
  if (isWildcard(wanted)) return planKeys([ANY_PRESENT], node, path);
  if (!isObject(wanted)) return planKeys(acceptedForms(wanted), node, path);
  // An object given must have every member, so one of them is enough. A scalar given needs any of them: it looks at and
  // below its own place, so the chosen one is found where it stands, and the others have to stand here.
  const { name, plan } = choose(wanted, node, path);
  const others = Object.keys(wanted).filter((other) => other !== name);
  if (others.length === 0) return plan;
  const here = planKeys(formsOfAll(others.map((other) => wanted[other] as Json)), node, path);
  return {
    targets: [...plan.targets, ...here.targets],
    hasWildcard: plan.hasWildcard || here.hasWildcard,
    crowd: plan.crowd + here.crowd,
    keys: plan.keys + here.keys,
  };
}

function planKeys(keys: readonly BucketKey[], node: Node | undefined, path: readonly string[]): AccessPlan {
  if (keys.length === 0) return NOTHING;
  let crowd = 0;
  if (node) for (const key of keys) crowd += node.crowd(key);
  return { targets: [{ path, keys }], hasWildcard: keys.some((key) => typeof key === 'symbol'), crowd, keys: keys.length };
}

/** The scalars that `wanted` accepts when one is given in its place. */
function acceptedForms(wanted: Json): readonly BucketKey[] {
  return isScalar(wanted) ? [comparisonForm(wanted)] : formsOfAll([wanted]);
}

function formsOfAll(wanted: readonly Json[]): readonly BucketKey[] {
  const forms = new Set<BucketKey>();
  for (const one of wanted) addForms(one, forms);
  return forms.has(ANY_SCALAR) ? [ANY_SCALAR] : [...forms];
}

function addForms(wanted: Json, forms: Set<BucketKey>): void {
  if (isWildcard(wanted)) forms.add(ANY_SCALAR);
  else if (isScalar(wanted)) forms.add(comparisonForm(wanted));
  else if (Array.isArray(wanted)) {
    for (const element of wanted) if (isScalar(element)) forms.add(comparisonForm(element));
  } else for (const entry of Object.values(wanted)) addForms(entry, forms);
}

/** Whether to wait at the one is better than to wait at the other. */
export function isBetter(one: Cost, other: Cost): boolean {
  if (one.hasWildcard !== other.hasWildcard) return !one.hasWildcard;
  return one.crowd === other.crowd ? one.keys < other.keys : one.crowd < other.crowd;
}
