/** The cases of `match.mjs`; `"#"` in a template stands for a value that each peer has for itself. */
const VALUES = Array.from({ length: 10_000 }, (_, at) => `value ${at}`);
const many = (count, wish) => Array.from({ length: count }, (_, at) => wish(at));
const nested = (levels, inner) => (levels === 0 ? inner : { [`level ${levels}`]: nested(levels - 1, inner) });
const LONG = many(100_000, (at) => `given ${at}`);
const SAME = many(100_000, () => 'x');

/** Ten peers want what is given, and the others the like, but not this. */
export const BESIDE = [
  { label: 'a value', wanting: [{ values: ['2', '#'] }], others: [{ values: '#' }], given: { values: '2' } },
  {
    label: 'a value below, a value given below',
    wanting: [{ values: { channel: ['2', '#'] } }],
    others: [{ values: { channel: ['#', 'another'] } }],
    given: { values: { channel: '2' } },
  },
  {
    label: 'a value below, a scalar given (any entry)',
    wanting: [{ values: { channel: ['2', '#'] } }],
    others: [{ values: { channel: ['#', 'another'] } }],
    given: { values: '2' },
  },
  {
    label: 'one of a list, an array given',
    wanting: [{ values: ['2', '#'] }],
    others: [{ values: ['#', 'another'] }],
    given: { values: ['1', '2', '3', ['4']] },
  },
  {
    label: 'a wildcard',
    wanting: [{ alarm: true }, { values: '#' }],
    others: [{ values: '#' }],
    given: { alarm: { level: 3 }, values: '2' },
  },
  {
    label: 'several filters, one of them popular',
    wanting: [{ kind: 'news', id: ['7', '#'] }],
    others: [{ kind: 'news', id: '#' }],
    given: { kind: 'news', id: '7' },
  },
  {
    label: 'several filters, a popular wildcard',
    wanting: [{ kind: true, id: ['7', '#'] }],
    others: [{ kind: true, id: '#' }],
    given: { kind: 'news', id: '7' },
  },
  { label: 'no filters', wanting: [{}, { values: '#' }], others: [{ values: '#' }], given: { values: '2' } },
];

/**
 * Ten peers that hear what is given, beside others that do not because of what they want, or may hear. `plain` is the
 * same without grants: subscriptions alone that hear the same.
 */
export const GRANTED = [
  {
    label: 'all, a grant each',
    plain: { wanting: [{ user: ['2', '#'] }], others: [{ user: '#' }] },
    granted: { wanting: [{}], others: [{}], wantingGrants: [{ user: ['2', '#'] }], othersGrants: [{ user: '#' }] },
    given: { user: '2' },
  },
  {
    label: 'values of their own, one grant for all',
    plain: { wanting: [{ user: ['2', '#'] }], others: [{ user: '#' }] },
    granted: { wanting: [{ user: ['2', '#'] }], others: [{ user: '#' }], grants: [{ tenant: ['x', 'y'] }] },
    given: { user: '2', tenant: 'x' },
  },
  {
    label: 'a popular value, a grant each',
    plain: { wanting: [{ kind: 'news', user: ['2', '#'] }], others: [{ kind: 'news', user: '#' }] },
    granted: {
      wanting: [{ kind: 'news' }],
      others: [{ kind: 'news' }],
      wantingGrants: [{ user: ['2', '#'] }],
      othersGrants: [{ user: '#' }],
    },
    given: { kind: 'news', user: '2' },
  },
  {
    label: 'values of their own, a grant each',
    plain: { wanting: [{ id: ['2', '#'], user: ['2', '#'] }], others: [{ id: '#', user: '#' }] },
    granted: {
      wanting: [{ id: ['2', '#'] }],
      others: [{ id: '#' }],
      wantingGrants: [{ user: ['2', '#'] }],
      othersGrants: [{ user: '#' }],
    },
    given: { id: '2', user: '2' },
  },
];

/** Sets that a peer might send to make the broker work; `given` is an ordinary notification that meets it. */
export const HOSTILE = [
  { label: '1 list of 9,990 values', filters: [{ a: VALUES.slice(0, 9990) }], given: { a: 'value 7' }, given2: { a: LONG } },
  {
    label: '1,000 lists that share a value',
    filters: many(1000, (at) => ({ a: ['x', `y${at}`] })),
    given: { a: 'x' },
    given2: { a: SAME },
  },
  {
    label: '1,000 sets of two filters that all refuse',
    filters: many(1000, (at) => ({ a: ['x', `a${at}`], b: ['x', `b${at}`] })),
    given: { a: 'x', b: 'y' },
    given2: { a: SAME, b: LONG },
  },
  {
    label: '2 filters, lists of 4,990 values, refused',
    filters: [{ a: VALUES.slice(0, 4990), b: VALUES.slice(0, 4990) }],
    given: { a: 'value 7', b: 'nothing' },
    given2: { a: [...LONG, 'value 7'], b: LONG },
  },
  {
    label: '1,000 sets of 8 levels',
    filters: many(1000, (at) => nested(7, { a: `x${at}` })),
    given: { 'level 7': 'x7' },
    given2: { 'level 7': LONG },
  },
  {
    label: '1,000 objects of two members that all refuse, 10,000 objects given',
    filters: many(1000, (at) => ({ a: { x: ['1', `x${at}`], y: ['1', `y${at}`] } })),
    given: { a: [{ x: '1' }, { y: '1' }] },
    given2: { a: many(5000, () => [{ x: '1' }, { y: '1' }]).flat() },
  },
  { label: '9,999 names', filters: [Object.fromEntries(VALUES.slice(1).map((name) => [name, 'x']))], given: { 'value 7': 'x' } },
  {
    label: '3,300 names below a name, three times',
    filters: many(3, (at) => ({ a: Object.fromEntries(VALUES.slice(0, 3300).map((name) => [name, `x${at}`])) })),
    given: { a: 'x1' },
    given2: { a: SAME },
  },
  {
    label: '1,000 wildcards of different names',
    filters: many(1000, (at) => ({ a: { [`n${at}`]: true } })),
    given: { a: '1' },
    given2: { a: LONG },
  },
  {
    label: '10 peers of 9,990 equal values in different order',
    peers: 10,
    filters: [{ a: [...VALUES.slice(0, 9990)].reverse() }],
    given: { a: 'value 7' },
  },
];
