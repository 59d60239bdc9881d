import { availableParallelism } from 'node:os';
import { BenchError } from '../../bench/bench-error.js';
import { parseThreshold } from '../../bench/gate/threshold.js';
import type { Profile } from '../../bench/load/load.js';
import { profileShape } from '../../bench/profile/profile-shape.js';
import type { LoadDefinition } from '../../scenario/file/load-shape.js';
import type { Vocabulary } from '../../scenario/file/scenario-shape.js';
import type { LoadSite } from '../../scenario/scenario.js';
import { STEPS } from '../../scenario/steps/index.js';
import { version } from '../version.js';

/** A load as that of `wsn bench`, which holds when all its thresholds do. */
const LOAD: LoadDefinition<Profile> = { shape: profileShape(availableParallelism()), run: failuresOfLoad };

/** All that a scenario can say: here steps and loads meet. */
export const WORDS: Vocabulary = { steps: STEPS, load: LOAD };

async function failuresOfLoad(profile: Profile, { url, headers, tls, signal }: LoadSite): Promise<readonly string[]> {
  const [{ runBench }, { judge }] = await Promise.all([import('../../bench/run/run-bench.js'), import('../../bench/gate/judge.js')]);
  // All of a load's connections are made as those of the other clients are.
  const ways = { subscribers: headers, publishers: headers, tls };
  try {
    const measurement = await runBench({ ...profile, url, version, ways }, signal === undefined ? {} : { signal });
    const { verdict, because } = judge(measurement, { thresholds: profile.thresholds.map(parseThreshold), baseline: null, regress: [] });
    if (verdict === 'passed') return [];
    return verdict === 'invalid' ? ['it is invalid, neither passed nor failed', ...because] : because;
  } catch (error) {
    if (error instanceof BenchError) return [error.message];
    throw error;
  }
}
