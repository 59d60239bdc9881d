import {
  type CheckContext,
  describeLocated,
  type Located,
  type LocatedEntry,
  locatedAt,
  quote,
  type Shape,
  suggest,
} from '../../document/index.js';
import type { Scene } from '../run/scene.js';
import type { Step } from '../scenario.js';

/** A step word of any arguments: every `StepDefinition` is one. */
export interface AnyStepDefinition {
  readonly word: string;
  readonly about: string;
  readonly shape: Shape<unknown>;
  readonly clients: (args: never) => readonly string[];
  readonly run: (args: never, scene: Scene) => Promise<void>;
}

/** A map of one member: the step's word, and its arguments. The schema is a reference to `#/$defs/step`. */
export function stepShape(definitions: readonly AnyStepDefinition[]): Shape<Step> {
  const byWord = new Map(definitions.map((definition) => [definition.word, definition]));
  return {
    expected: 'a step',
    check(at: Located, context: CheckContext): Step | undefined {
      const entry = onlyEntry(at, context);
      if (entry === undefined) return undefined;
      const definition = byWord.get(entry.key);
      if (definition !== undefined) return bind(definition, entry, context);
      const message = `there is no step ${quote(entry.key)}: ${suggest(entry.key, byWord.keys(), 'steps')}`;
      return void context.complain({ message, place: entry.keyPlace });
    },
    schema: () => ({ $ref: '#/$defs/step' }),
  };
}

function onlyEntry(at: Located, context: CheckContext): LocatedEntry | undefined {
  const [first, second] = at.kind === 'map' ? at.entries : [];
  if (first === undefined) {
    return void context.complain({ message: `found ${describeLocated(at)}, expected a step such as "ready: alice"`, place: at.place });
  }
  if (second === undefined) return first;
  const message =
    `found ${quote(second.key)} beside ${quote(first.key)}, expected one word a step: ` +
    `begin the next step with "- ", or indent deeper what belongs to ${quote(first.key)}`;
  return void context.complain({ message, place: second.keyPlace });
}

function bind(definition: AnyStepDefinition, { key, keyPlace, value }: LocatedEntry, context: CheckContext): Step | undefined {
  const checked = definition.shape.check(value, context);
  if (checked === undefined) return undefined;
  // The arguments are what the definition's own shape has checked; a list of definitions of all kinds cannot say so.
  const args = checked as never;
  return {
    word: key,
    place: keyPlace,
    placeOf: (pointer) => placeIn(value, pointer) ?? keyPlace,
    clients: definition.clients(args),
    run: (scene) => definition.run(args, scene),
  };
}

/** The place to which a JSON pointer leads, or `undefined` where the file has no such value. */
function placeIn(at: Located, pointer: string): Located['place'] | undefined {
  const found = locatedAt(at, pointer);
  return found.isThere ? found.at.place : undefined;
}
