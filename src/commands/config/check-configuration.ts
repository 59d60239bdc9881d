import { checkOptions } from '../../server/index.js';
import { EXIT } from '../exit/exit-codes.js';
import { brokerOptions, type Configuration } from '../settings/configuration.js';
import { configure, type Given } from '../settings/configure.js';
import { refusal } from '../settings/refuse.js';
import { escapeText } from '../terminal/escape-text.js';
import { checkDataFolder } from './check-data-folder.js';
import { CHECK_LOG } from './check-log.js';

/**
 * Says whether a broker would start with these settings: reads them, and the keys, certificates and schemas that they
 * name; looks at the folder of the log, without making it. It does not listen, and asks nobody. What a broker would warn of at its start goes to stderr.
 * @param file instead of the one that flags and environment name.
 * @returns `EXIT.ok`.
 * @throws UsageError for what is wrong.
 */
export async function checkConfiguration(given: Given, file: string | undefined): Promise<number> {
  const asked = file === undefined ? given : { ...given, values: { ...given.values, config: file } };
  let configuration: Configuration | undefined;
  try {
    configuration = await configure(asked, process.env);
    const options = brokerOptions(configuration);
    await checkOptions({ ...options, log: CHECK_LOG });
    await checkDataFolder(options.data);
  } catch (error) {
    throw await refusal(error, configuration);
  }
  for (const warning of configuration.warnings) process.stderr.write(`wsn: ${escapeText(warning)}\n`);
  process.stdout.write(`${escapeText(summary(configuration))}\n`);
  return EXIT.ok;
}

/** Counts by where they come from, as `wsn.yaml is fine: 12 settings; 1 of the environment`. */
function summary({ file, settings }: Configuration): string {
  const count = (kind: string) => settings.filter(({ origins: [first] }) => first?.kind === kind).length;
  const counts: readonly (readonly [number, string])[] = [
    [count('file'), file ?? ''],
    [count('environment'), 'the environment'],
    [count('flag'), 'flags'],
  ];
  const told = counts.filter(([number]) => number > 0).map(([number, where]) => `${number} from ${where}`);
  const subject = file === undefined ? 'fine, without a file' : `${file} is fine`;
  return `${subject}: ${told.length === 0 ? 'every setting has its default' : `${told.join(', ')}, all others have their defaults`}`;
}
