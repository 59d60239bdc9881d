import { type Configuration, type Effective, originText } from '../settings/configuration.js';
import { isSecret } from '../settings/setting.js';
import { scalarText } from './scalar-text.js';
import { shownValue } from './shown-value.js';

/** Column in which comments begin, where the values leave room. */
const COMMENT_COLUMN = 44;

/** The settings in force as a file, with where each comes from in comments; what is not set, and the secret, is a comment itself. */
export function yamlLines({ settings }: Configuration): readonly string[] {
  return [...new Set(settings.map(({ setting }) => setting.group))].flatMap((group) => [
    `${group}:`,
    ...settings.filter(({ setting }) => setting.group === group).map(memberLine),
  ]);
}

function memberLine(effective: Effective): string {
  const { setting, origins } = effective;
  const value = shownValue(effective);
  if (value === undefined) return `  # ${setting.member}: not set`;
  const line = `${isSecret(setting) ? '  # ' : '  '}${setting.member}: ${scalarText(value)}`;
  return `${line.padEnd(COMMENT_COLUMN - 2)}  # ${originText(origins[0])}`;
}
