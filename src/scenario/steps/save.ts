import { mapOf, scalar } from '../../document/index.js';
import { type Json, valueAt } from '../../protocol/index.js';
import { show } from '../client/pattern.js';
import type { Scene } from '../run/scene.js';
import { StepFailure } from '../run/step-failure.js';

/** `save: { name: /json/pointer }`. */
export const saveShape = mapOf(
  'Keeps parts of what came as variables: name to JSON pointer',
  scalar('a JSON pointer such as /subscribed/topics/0/epoch', {
    read: (value) => (typeof value === 'string' && /^(?:\/|\$\{|$)/.test(value) ? value : undefined),
    schema: { type: 'string', description: 'JSON pointer, such as /subscribed/topics/0/epoch' },
  }),
);

/** @throws StepFailure when there is nothing at a pointer. */
export function save(scene: Scene, wanted: Readonly<Record<string, string>> | undefined, from: Json): void {
  for (const [name, pointer] of Object.entries(wanted ?? {})) {
    const value = valueAt(from, pointer);
    if (value === undefined) {
      throw new StepFailure(`there is nothing at ${pointer} to save as ${name}`, { actual: show(from), pointer: `/save/${name}` });
    }
    scene.variables.set(name, value);
  }
}
