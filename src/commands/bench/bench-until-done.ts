import { BenchError } from '../../bench/index.js';
import type { BenchFlags } from '../bench.js';
import { EXIT } from '../exit/exit-codes.js';
import { interruptible } from '../exit/interruption.js';
import { CommandFailure, UsageError } from '../exit/usage-error.js';
import { version } from '../version.js';
import { checkFindMax, findMax } from './find-max.js';
import { findWays } from './find-ways.js';
import { measureOnce } from './measure-once.js';
import { startOwnBroker } from './own-broker.js';
import { checkThresholds, readGate } from './read-gate-flags.js';
import { readProfileFlags } from './read-profile-flags.js';
import { checkResultFiles } from './result-files.js';

const EXIT_FOR = {
  unreachable: EXIT.unreachable,
  refused: EXIT.unreachable,
  machine: EXIT.usage,
  usage: EXIT.usage,
} as const;

/**
 * Runs `wsn bench`: with a broker of its own unless one is given, until the run is over or interrupted.
 * @returns one of `EXIT`, by the verdict; the code of the signal when it was interrupted.
 * @throws CommandFailure when the options do not fit together, or the broker is not reached or refuses.
 */
export async function benchUntilDone(given: BenchFlags): Promise<number> {
  const flags = withoutEmpty(given);
  using interruption = interruptible();
  try {
    checkResultFiles(flags);
    if (flags.profile === '-' && flags.baseline === '-')
      throw new UsageError('--profile - and --baseline - exclude each other: each wants stdin');
    const profile = readProfileFlags(flags);
    checkThresholds('--find-max', flags.findMax);
    if (flags.findMax.length > 0) checkFindMax(flags, profile.load);
    const gate = await readGate(flags, profile);
    await using broker = flags.url === undefined ? await startOwnBroker(flags.serve) : undefined;
    const ways = flags.url === undefined ? undefined : await findWays(flags.url, flags);
    const settings = { ...profile, url: flags.url ?? broker?.url ?? '', ways, version, broker };
    const task = { settings, flags, signal: interruption.signal };
    const exitCode = flags.findMax.length > 0 ? await findMax(task) : await measureOnce(task, gate);
    return exitCode === EXIT.interrupted ? (interruption.exitCode ?? exitCode) : exitCode;
  } catch (error) {
    if (interruption.exitCode !== undefined) {
      process.stderr.write('interrupted before the load began\n');
      return interruption.exitCode;
    }
    if (error instanceof BenchError) throw new CommandFailure(error.message, EXIT_FOR[error.kind]);
    throw error;
  }
}

/** An empty variable of the environment gives nothing. */
function withoutEmpty(flags: BenchFlags): BenchFlags {
  const given = Object.entries(flags).filter(([, value]) => value !== '');
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.filter((part) => part !== '') : value]),
  ) as unknown as BenchFlags;
}
