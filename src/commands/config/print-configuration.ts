import { resolveOptions } from '../../server/resolve-options.js';
import { EXIT } from '../exit/exit-codes.js';
import { brokerOptions, type Configuration } from '../settings/configuration.js';
import { configure, type Given } from '../settings/configure.js';
import { refusal } from '../settings/refuse.js';
import { escapeText } from '../terminal/escape-text.js';
import { settingsJson } from './settings-json.js';
import { sourceLines } from './source-lines.js';
import { yamlLines } from './yaml-lines.js';

const PRINTERS = {
  yaml: yamlLines,
  sources: sourceLines,
  json: (configuration: Configuration) => JSON.stringify(settingsJson(configuration), null, 2).split('\n'),
} as const;

/**
 * Writes the settings in force to stdout; secrets as `***`.
 * @returns `EXIT.ok`.
 * @throws UsageError for a setting that cannot be read, or is out of bounds.
 */
export async function printConfiguration(given: Given, form: keyof typeof PRINTERS): Promise<number> {
  let configuration: Configuration | undefined;
  try {
    configuration = await configure(given, process.env);
    resolveOptions(brokerOptions(configuration));
  } catch (error) {
    throw await refusal(error, configuration);
  }
  for (const warning of configuration.warnings) process.stderr.write(`wsn: ${escapeText(warning)}\n`);
  process.stdout.write(`${PRINTERS[form](configuration).map(escapeText).join('\n')}\n`);
  return EXIT.ok;
}
