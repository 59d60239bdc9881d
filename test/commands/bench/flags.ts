import type { BenchFlags } from '../../../src/commands/bench.js';
import { benchCommand } from '../../../src/commands/bench.js';

/** What `wsn bench` makes of a command line; its action is not run. */
export function flagsOf(...args: readonly string[]): BenchFlags {
  const command = benchCommand()
    .exitOverride()
    .action(() => {});
  command.parse(args, { from: 'user' });
  return command.opts();
}
