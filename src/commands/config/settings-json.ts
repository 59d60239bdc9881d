import type { Json } from '../../protocol/index.js';
import type { Configuration } from '../settings/configuration.js';
import { shownValue } from './shown-value.js';

/** What is in force in the form of a file: groups of members; what is not set is left out. */
export function settingsJson({ settings }: Configuration): Readonly<Record<string, Readonly<Record<string, Json>>>> {
  const groups: Record<string, Record<string, Json>> = {};
  for (const effective of settings) {
    const value = shownValue(effective);
    if (value === undefined) continue;
    const { group, member } = effective.setting;
    groups[group] = { ...groups[group], [member]: value };
  }
  return groups;
}
