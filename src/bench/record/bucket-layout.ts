/*
 * How a histogram divides the values 0 to 2^32 - 1: each value below 256 has a bucket of its own, and from there each octave
 * (256 to 511, 512 to 1023, …) has 128 buckets of equal width. No bucket is wider than 1/128 of the values it holds.
 */

/** Highest value that can be told from a higher one: as µs, 71 minutes. */
export const HIGHEST_VALUE = 2 ** 32 - 1;

const BITS_BELOW_AN_OCTAVE = 7;

/** Leading zeros of 128: a value with so many or more is in a bucket of its own, and so is one with one fewer. */
const LEADING_ZEROS = 31 - BITS_BELOW_AN_OCTAVE;

export const BUCKET_COUNT = (LEADING_ZEROS + 2) << BITS_BELOW_AN_OCTAVE;

/** The bucket that holds `value`, a whole number from 0 to `HIGHEST_VALUE`. Buckets ascend with their values. */
export function bucketOf(value: number): number {
  const zeros = Math.clz32(value);
  const shift = zeros < LEADING_ZEROS ? LEADING_ZEROS - zeros : 0;
  return (shift << BITS_BELOW_AN_OCTAVE) + (value >>> shift);
}

/** The highest value that `bucket` holds. */
export function topOfBucket(bucket: number): number {
  const octave = bucket >>> BITS_BELOW_AN_OCTAVE;
  const shift = octave > 1 ? octave - 1 : 0;
  return (bucket - (shift << BITS_BELOW_AN_OCTAVE) + 1) * 2 ** shift - 1;
}

/** The highest value that the bucket below the one with `value` holds: all values of this one are above it; -1 below the first. */
export function topBelowBucketOf(value: number): number {
  const bucket = bucketOf(value);
  return bucket === 0 ? -1 : topOfBucket(bucket - 1);
}

/** The highest value that a bucket with `value` would hold if each octave had `perOctave` buckets, a power of two up to 128. */
export function topOfCoarseBucket(value: number, perOctave: number): number {
  const shift = Math.max(0, Math.clz32(perOctave) - Math.clz32(value));
  return ((value >>> shift) + 1) * 2 ** shift - 1;
}
