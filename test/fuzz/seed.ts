/** Seed of every fuzz test: the same in every run, so that what fails fails again; `FUZZ_SEED=7` looks elsewhere. */
export const SEED = Number(process.env.FUZZ_SEED ?? 20_261_123);

/** How to have the same inputs again, for the message of an expectation. */
export const REPLAY = `FUZZ_SEED=${SEED} npx vitest run test/fuzz`;
