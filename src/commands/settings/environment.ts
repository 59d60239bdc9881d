import { nearest } from '../../document/suggestion.js';
import { CONFIG_VARIABLE } from './flags.js';
import { SETTINGS } from './settings.js';

const PREFIX = 'WSN_';

/** Of other commands, or of none: near a setting by chance. */
const OTHERS = new Set([
  'WSN_URL',
  'WSN_TOKEN',
  'WSN_API_KEY',
  'WSN_PAGE',
  'WSN_PACKAGE',
  'WSN_MESSAGE',
  'WSN_TIMEOUT',
  'WSN_FILE',
  'WSN_NOTIFICATION_DATA',
]);

/**
 * Variables that are no setting and are written nearly like one, such as `WSN_TLS_CRT`. Others with the same beginning
 * are left alone: commands have their own, and so has whatever runs containers.
 * @returns a sentence for each.
 */
export function unknownVariables(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = [...SETTINGS.map(({ variable }) => variable), CONFIG_VARIABLE].map((name) => name.slice(PREFIX.length));
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !OTHERS.has(name) && !known.includes(name.slice(PREFIX.length)))
    .flatMap((name) => {
      const near = nearest(name.slice(PREFIX.length), known);
      return near === undefined ? [] : [`${name} is no setting: did you mean ${PREFIX}${near}?`];
    });
}
