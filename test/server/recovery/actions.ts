import fc from 'fast-check';

const PAGES = 3;
export const CLIENTS = 3;

/** Values of the filter of a notification; the last one has none. */
export const GIVEN = ['1', '2', '3', undefined] as const;

/** Filters of a subscription; `hears` is what they let through, said once more and independently of `matches`. */
export const WANTED = [
  { filters: undefined, hears: () => true },
  { filters: { v: '1' }, hears: (given?: string) => given === '1' },
  { filters: { v: ['2', '3'] }, hears: (given?: string) => given === '2' || given === '3' },
  { filters: { v: true }, hears: (given?: string) => given !== undefined },
] as const;

/** Where a client says that it has been: what it knows, or something that it should not say. */
export type Claim =
  | { readonly at: 'seen' }
  | { readonly at: 'before'; readonly by: number }
  | { readonly at: 'start' }
  | { readonly at: 'ahead'; readonly by: number }
  | { readonly at: 'old epoch' }
  | { readonly at: 'epoch of another topic' };

export interface Wish {
  readonly page: number;
  /** Index in `WANTED`. */
  readonly wanted: number;
  /** How many of the last are wanted first. */
  readonly rewind: number | undefined;
}

export interface Publish {
  readonly kind: 'publish';
  readonly page: number;
  /** Index in `GIVEN`. */
  readonly given: number;
  readonly size: number;
  readonly count: number;
  /** Whether its fan-out fails. */
  readonly isDoomed: boolean;
  /** Of each key the first use decides what is published: the others are the same again. */
  readonly key: number | undefined;
}

export interface Subscribe {
  readonly kind: 'subscribe';
  readonly client: number;
  /** undefined: what it had before. */
  readonly wishes: readonly Wish[] | undefined;
  /** What is claimed of each topic, whether or not the set names it. */
  readonly claims: readonly (Claim | undefined)[];
}

export type Action =
  | Publish
  | Subscribe
  | { readonly kind: 'cut'; readonly client: number; readonly received: number }
  | { readonly kind: 'mark'; readonly client: number }
  | { readonly kind: 'turn' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'restart'; readonly kept: number }
  | { readonly kind: 'commit'; readonly count: number }
  | { readonly kind: 'break disk' }
  | { readonly kind: 'mend disk' };

const page = fc.nat(PAGES - 1);
const client = fc.nat(CLIENTS - 1);
const wish = fc.record({
  page,
  wanted: fc.nat(WANTED.length - 1),
  rewind: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 1, 2, 4),
});
const claim: fc.Arbitrary<Claim> = fc.oneof(
  { weight: 10, arbitrary: fc.constant<Claim>({ at: 'seen' }) },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('before' as const), by: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.constant<Claim>({ at: 'start' }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constant('ahead' as const), by: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant<Claim>({ at: 'old epoch' }) },
  { weight: 1, arbitrary: fc.constant<Claim>({ at: 'epoch of another topic' }) },
);
const claims = fc.array(fc.option(claim, { freq: 4, nil: undefined }), { minLength: PAGES, maxLength: PAGES });

const given = fc.nat(GIVEN.length - 1);
const publish = fc.record({
  kind: fc.constant('publish' as const),
  page,
  given,
  size: fc.nat(60),
  count: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.integer({ min: 2, max: 8 }) }),
  isDoomed: fc.constantFrom(...Array.from({ length: 20 }, (_, index) => index === 0)),
  key: fc.constantFrom(...Array.from({ length: 12 }, (_, index) => (index === 0 ? 1 : undefined))),
});
const subscribe = fc.record({
  kind: fc.constant('subscribe' as const),
  client,
  wishes: fc.option(fc.array(wish, { maxLength: 4 }), { freq: 2, nil: undefined }),
  claims,
});

const restart = fc.record({ kind: fc.constant('restart' as const), kept: fc.constantFrom(0, 0.5, 1) });

/** What happens; least often what takes everything with it. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 20, arbitrary: publish },
  { weight: 16, arbitrary: subscribe },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('cut' as const), client, received: fc.nat(100) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('mark' as const), client }) },
  { weight: 4, arbitrary: fc.constant<Action>({ kind: 'turn' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(
        { weight: 5, arbitrary: fc.nat(60) },
        { weight: 5, arbitrary: fc.constant(2000) },
        { weight: 1, arbitrary: fc.constant(70_000) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'sweep' }) },
  { weight: 1, arbitrary: restart },
);

/** With a disk it is not over when something has been published, and a new life goes on with the one before. */
export const actionWithDisk: fc.Arbitrary<Action> = fc.oneof(
  { weight: 60, arbitrary: action },
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant('commit' as const), count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(100)) }),
  },
  { weight: 2, arbitrary: restart },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'break disk' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: 'mend disk' }) },
);
