/**
 * The middle one of some figures; of an even number of them the mean of the two in the middle.
 * @param {readonly number[]} values
 * @throws {RangeError} when there are none.
 */
export function median(values) {
  if (values.length === 0) throw new RangeError('found no figures to take the median of; expected at least one: run one round or more');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The smallest figure that at least this share of all does not exceed (nearest rank).
 * @param {ArrayLike<number>} values in any order; they are not changed.
 * @param {number} share 0 to 1; 0.99 is "p99".
 * @throws {RangeError} when there are none.
 */
export function percentile(values, share) {
  if (values.length === 0) throw new RangeError('found no figures to take a percentile of; expected at least one: run for longer');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
