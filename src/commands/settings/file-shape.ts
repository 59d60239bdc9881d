import { nullable, optional, record, type Shape, text, withoutVariables } from '../../document/index.js';
import type { JsonObject } from '../../protocol/index.js';
import { isSecret, type Setting } from './setting.js';
import { settingShape } from './setting-shape.js';
import { GROUPS, SETTINGS } from './settings.js';

const SHAPES: ReadonlyMap<Setting, Shape<unknown>> = new Map(
  SETTINGS.filter((setting) => !isSecret(setting)).map((setting) => [setting, settingShape(setting)]),
);

/** A file with settings; a group of which all is commented out is `null`. */
export const FILE_SHAPE = record('Settings of wsn serve', {
  ...Object.fromEntries(Object.entries(GROUPS).map(([name, about]) => [name, optional(nullable(record(about, membersOf(name))))])),
  $schema: optional(text('Where the JSON Schema of this file is, for editors')),
});

/** What a setting looks like in a file; a secret looks like nothing. */
export function shapeOf(setting: Setting): Shape<unknown> | undefined {
  return SHAPES.get(setting);
}

/** The JSON Schema (draft 2020-12) of a file with settings, for editors. */
export function fileSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of wsn serve',
    ...withoutVariables(FILE_SHAPE.schema()),
  };
}

function membersOf(group: string): Record<string, { readonly optional: Shape<unknown> }> {
  const own = [...SHAPES].filter(([setting]) => setting.group === group);
  return Object.fromEntries(own.map(([setting, shape]) => [setting.member, optional(shape)]));
}
