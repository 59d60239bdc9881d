import { availableParallelism } from 'node:os';
import type { Profile } from '../../bench/load/load.js';
import { checkLoad } from '../../bench/profile/check-load.js';
import { completeProfile } from '../../bench/profile/complete-profile.js';
import type { LoadPart } from '../../bench/profile/load-shape.js';
import { readProfile } from '../../bench/profile/read-profile.js';
import { readSource } from '../../document/index.js';
import type { BenchFlags } from '../bench.js';
import { UsageError } from '../exit/usage-error.js';
import { refuseFiles } from '../input/refuse-files.js';
import { readArrivalsFlags } from './arrivals-flags.js';
import { readLoadFlags } from './load-flags.js';
import { checkThresholds } from './read-gate-flags.js';

/**
 * What the run is to be: the defaults, over them the file, over it the options.
 * @throws UsageError when the file or an option is wrong, or they do not fit together.
 */
export function readProfileFlags(flags: BenchFlags): Profile {
  const file = flags.profile === undefined ? {} : readFile(flags.profile);
  checkThresholds('--threshold', flags.threshold);
  const arrivals = readArrivalsFlags(flags, file.arrivals);
  const parts = [file, { arrivals, thresholds: flags.threshold }, ...readLoadFlags(flags)];
  const profile = completeProfile(parts, availableParallelism());
  const [wrong] = checkLoad(profile.load);
  if (wrong !== undefined) throw new UsageError(wrong);
  return profile;
}

function readFile(path: string): LoadPart {
  const source = readSource(path);
  const { part = {}, errors } = 'message' in source ? { errors: [source] } : readProfile(source);
  refuseFiles(errors);
  return part;
}
