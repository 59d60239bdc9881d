/**
 * How often everything is measured: the value of `--rounds N`, or the fallback; 1 with `--quick`, which is for seeing that a
 * benchmark works and not for its figures.
 * @param {readonly string[]} argv
 * @throws {RangeError} when `--rounds` has no whole number from 1 to 1,000.
 */
export function roundsFrom(argv, fallback = 3) {
  const at = argv.indexOf('--rounds');
  if (at === -1) return isQuick(argv) ? 1 : fallback;
  const rounds = Number(argv[at + 1]);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 1_000) return rounds;
  throw new RangeError(`found --rounds ${argv[at + 1] ?? 'without a value'}; expected a whole number from 1 to 1000, as in --rounds 3`);
}

/**
 * Whether the benchmark is to end in seconds: then its figures mean nothing.
 * @param {readonly string[]} argv
 */
export function isQuick(argv) {
  return argv.includes('--quick');
}
