import { type Infer, json, listOf, optional, record, text } from '../../document/index.js';
import { isObject, type Json, type JsonObject } from '../../protocol/index.js';
import { dropAbsent } from '../file/substitute.js';
import type { Scene } from '../run/scene.js';
import { client } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const subscription = record('A subscription', {
  package: optional(json('The package of the scenario where it is left out')),
  page: optional(json('messages where it is left out')),
  filters: optional(json('Which notifications of the topic')),
  rewind: optional(json('How many of the last that match come first (wsn.v1)')),
});

const shape = record(
  'Sends a text message',
  {
    client,
    subscriptions: optional(listOf('The new set', subscription)),
    id: optional(json('Id that the answer repeats (wsn.v1)')),
    resume: optional(
      listOf(
        'Positions seen last (wsn.v1)',
        record('A position', {
          package: optional(json('The package of the scenario where it is left out')),
          page: optional(json('messages where it is left out')),
          epoch: json('Epoch of the topic'),
          offset: json('Offset seen last'),
        }),
      ),
    ),
    message: optional(json('Any JSON, sent as it is')),
    text: optional(text('Any text')),
  },
  { exactlyOne: [['subscriptions', 'message', 'text']] },
);

export const send: StepDefinition<Infer<typeof shape>> = {
  word: 'send',
  about: 'Sends a text message: subscriptions, any JSON, or any text',
  shape,
  clients: (args) => [args.client],
  async run(given, scene) {
    const line = await scene.openLine(given.client);
    const { subscriptions, id, resume, message, text: verbatim } = scene.resolve(given);
    if (subscriptions === undefined) scene.hasPublishedUnseen = true;
    if (verbatim !== undefined) return line.send(verbatim);
    const body = message ?? {
      sender: 'client',
      ...(id === undefined ? {} : { id }),
      subscriptions: withTopics(scene, subscriptions ?? []),
      ...(resume === undefined ? {} : { resume: withTopics(scene, resume) }),
    };
    line.send(JSON.stringify(dropAbsent(body as Json)));
  },
};

/** Fills in the scenario's own topic. */
function withTopics(scene: Scene, entries: readonly object[]): readonly JsonObject[] {
  return entries.map((one) => ({ package: scene.package, page: 'messages', ...(isObject(one as Json) ? one : {}) }));
}
