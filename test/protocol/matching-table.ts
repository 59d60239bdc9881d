import type { Filters, Json, Scalar } from '../../src/protocol/index.js';

/**
 * a second time, written down from PROTOCOL.md as a list of rows and without a look at `src`: the tests
 * compare the two. Slow and plain on purpose.
 */
type Tagged =
  | { readonly tag: 'scalar'; readonly value: Scalar }
  | { readonly tag: 'array'; readonly elements: readonly Tagged[] }
  | { readonly tag: 'object'; readonly entries: ReadonlyMap<string, Tagged> };

interface Row {
  readonly wanted: (wanted: Tagged) => boolean;
  readonly given: (given: Tagged) => boolean;
  readonly accepts: (wanted: Tagged, given: Tagged) => boolean;
}

const anything = () => true;
const isTagged = (tag: Tagged['tag']) => (value: Tagged) => value.tag === tag;

const elementsOf = (value: Tagged) => (value.tag === 'array' ? value.elements : []);
const entriesOf = (value: Tagged) => (value.tag === 'object' ? [...value.entries] : []);
const memberOf = (value: Tagged, name: string) => (value.tag === 'object' ? value.entries.get(name) : undefined);

const ROWS: readonly Row[] = [
  { wanted: (wanted) => wanted.tag === 'scalar' && wanted.value === true, given: anything, accepts: () => true },
  { wanted: (wanted) => wanted.tag === 'object' && wanted.entries.size === 0, given: anything, accepts: () => true },
  { wanted: anything, given: isTagged('array'), accepts: (wanted, given) => elementsOf(given).some((element) => decide(wanted, element)) },
  {
    wanted: isTagged('array'),
    given: isTagged('scalar'),
    accepts: (wanted, given) => elementsOf(wanted).some((one) => areEqual(one, given)),
  },
  { wanted: isTagged('scalar'), given: isTagged('scalar'), accepts: areEqual },
  { wanted: isTagged('object'), given: isTagged('object'), accepts: hasEvery },
  {
    wanted: isTagged('object'),
    given: isTagged('scalar'),
    accepts: (wanted, given) => entriesOf(wanted).some(([, entry]) => decide(entry, given)),
  },
  { wanted: anything, given: isTagged('object'), accepts: () => false },
];

/** What the table says of a wanted and a given value. */
export function tableAccepts(wanted: Json, given: Json): boolean {
  return decide(tagged(wanted), tagged(given));
}

/** What says of the filters of a subscription and a notification of the same topic. */
export function tableMatches(wanted: Filters | undefined, given: Filters | undefined): boolean {
  return hasEvery(taggedFilters(wanted), taggedFilters(given));
}

function decide(wanted: Tagged, given: Tagged): boolean {
  const row = ROWS.find((candidate) => candidate.wanted(wanted) && candidate.given(given));
  if (!row) throw new Error('the table has no row for this');
  return row.accepts(wanted, given);
}

function hasEvery(wanted: Tagged, given: Tagged): boolean {
  return entriesOf(wanted).every(([name, entry]) => {
    const member = memberOf(given, name);
    return member !== undefined && decide(entry, member);
  });
}

function areEqual(one: Tagged, other: Tagged): boolean {
  if (one.tag !== 'scalar' || other.tag !== 'scalar') return false;
  if (one.value === null || other.value === null) return one.value === other.value;
  return `${one.value}` === `${other.value}`;
}

function taggedFilters(filters: Filters | undefined): Tagged {
  const isNone = filters === undefined || filters === null || filters === true || Array.isArray(filters);
  return isNone ? { tag: 'object', entries: new Map() } : tagged(filters);
}

function tagged(value: Json): Tagged {
  if (Array.isArray(value)) return { tag: 'array', elements: value.map(tagged) };
  if (typeof value === 'object' && value !== null) {
    return { tag: 'object', entries: new Map(Object.entries(value).map(([name, entry]) => [name, tagged(entry)])) };
  }
  return { tag: 'scalar', value: value as Scalar };
}
