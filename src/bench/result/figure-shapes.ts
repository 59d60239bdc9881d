import { integer, listOf, nullable, number, record, type Shape, text } from '../../document/index.js';
import type { Bucket } from './result.js';

/** A whole number that counts something. */
export function count(about: string): Shape<number> {
  return integer(about, { least: 0 });
}

/** A number, or `null` where there is none to tell. */
export function known(about: string): Shape<number | null> {
  return nullable(number(about));
}

/** Things of one kind that went wrong. */
export function mishap(about: string) {
  return record(about, { count: count('How many'), first: nullable(text("The first one's reason")) });
}

/** What became of deliveries. */
export const COUNTS = {
  expected: count('Receivers according to the matching rules, of all that was sent and not refused'),
  delivered: count('Of these, how many came; second copies are not counted'),
  lost: count('Of these, how many did not come until the end of the drain, without those that the broker had said it could not recover'),
  duplicated: count('Second and further copies, but for those whose positions tell them apart'),
  misdelivered: count('Came to a subscriber whose subscriptions do not match'),
  reordered: count('Came behind one that was published after the broker had acknowledged it'),
  corrupt: count('Came with another value than was sent'),
};

const DISTRIBUTION = {
  samples: count('How many samples there are'),
  min: known('Lowest'),
  mean: known('Mean'),
  p50: known('Median'),
  p75: known('75th percentile'),
  p90: known('90th percentile'),
  p95: known('95th percentile'),
  p99: known('99th percentile'),
  p999: known('99.9th percentile'),
  p9999: known('99.99th percentile'),
  max: known('Highest'),
};

/** A percentile with fewer than ten samples beyond it is `null`. */
export function distribution(about: string) {
  return record(`${about}, in ms; a percentile with fewer than ten samples beyond it is null`, DISTRIBUTION);
}

/** A distribution that is known bucket by bucket. */
export function measured(about: string) {
  return record(`${about}, in ms; a percentile with fewer than ten samples beyond it is null`, {
    ...DISTRIBUTION,
    margin: record('Half the width of the 95 % interval, from resampled blocks of time', {
      p50: known('Of the median'),
      p99: known('Of the 99th percentile'),
    }),
    buckets: buckets('The whole distribution'),
  });
}

/** Ascending, without the empty ones. */
export function buckets(about: string): Shape<readonly Bucket[]> {
  return listOf(`${about}: ascending pairs of the highest value of a bucket, in µs, and how many are in it`, BUCKET);
}

const PAIR = listOf('A bucket', number('A number', { least: 0 }), { least: 2 });

const BUCKET: Shape<Bucket> = {
  expected: 'a list of two numbers',
  check(at, context) {
    const [upToUs, samples, more] = PAIR.check(at, context) ?? [];
    if (upToUs === undefined || samples === undefined) return undefined;
    if (more === undefined) return [upToUs, samples];
    context.complain({ message: 'found a list of more than two, expected a list of two numbers', place: at.place });
    return undefined;
  },
  schema: () => ({ type: 'array', items: { type: 'number', minimum: 0 }, minItems: 2, maxItems: 2 }),
};
