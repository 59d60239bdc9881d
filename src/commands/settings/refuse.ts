import { OptionError } from '../../server/option-error.js';
import type { Configuration } from './configuration.js';
import { ConfigurationError, explainOptionError } from './configuration-error.js';

/**
 * What to throw for what went wrong with settings; of a file it writes all that is wrong to stderr, each with its line.
 * @param configuration of which the broker did not take an option, as far as it came to one.
 */
export async function refusal(error: unknown, configuration?: Configuration): Promise<unknown> {
  const told = error instanceof OptionError && configuration !== undefined ? explainOptionError(error, configuration) : error;
  if (!(told instanceof ConfigurationError)) return told;
  const { refuseFiles } = await import('../input/refuse-files.js');
  try {
    refuseFiles(told.errors);
  } catch (refused) {
    return refused;
  }
  return told;
}
