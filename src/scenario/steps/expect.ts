import { duration, flag, type Infer, integer, listOf, oneOf, optional, record, text } from '../../document/index.js';
import { expectBytes, expectFrame } from '../run/expect-frame.js';
import { expectMessages, expectNoMessage, expectSequence } from '../run/expect-message.js';
import { expectNoNotification, expectNotifications, expectSameOrder } from '../run/expect-notification.js';
import { frameMembers } from './frame-shapes.js';
import { save, saveShape } from './save.js';
import { asList, client, clients, pattern } from './shapes.js';
import type { StepDefinition } from './step-definition.js';

const element = record(
  'One of a sequence',
  {
    notification: optional(text('The name of a notification')),
    message: optional(pattern('A message')),
    exact: optional(flag('Whether the bytes of the notification have to be the same')),
    with: optional(pattern('The whole message')),
    save: optional(saveShape),
  },
  { exactlyOne: [['notification', 'message']], onlyWith: { exact: ['notification'], with: ['notification'] } },
);

const shape = record(
  'Waits for messages or frames, and claims them',
  {
    client: optional(client),
    clients: optional(clients),
    notification: optional(text('The name of a notification: all that were sent under it')),
    message: optional(pattern('A message')),
    sequence: optional(listOf('Several, in this order', element)),
    frame: optional(
      record('A frame', { opcode: frameMembers.opcode, fin: frameMembers.fin, payload: optional(pattern('The payload as text')) }),
    ),
    text: optional(text('What the bytes begin with that came before a handshake')),
    count: optional(integer('How many; 0 proves by a fence that there is none', { least: 0 })),
    order: optional(oneOf('That in which they were sent (the default), any, or the same for all clients', ['sent', 'any', 'same'])),
    exact: optional(flag('Whether the bytes of the notification have to be the same')),
    with: optional(pattern('The whole message')),
    within: optional(duration('Longest wait, instead of that of the run')),
    save: optional(saveShape),
  },
  {
    exactlyOne: [
      ['client', 'clients'],
      ['notification', 'message', 'sequence', 'frame', 'text'],
    ],
    onlyWith: {
      count: ['notification', 'message'],
      order: ['notification'],
      exact: ['notification'],
      with: ['notification'],
      save: ['notification', 'message', 'frame'],
    },
  },
);

export const expect: StepDefinition<Infer<typeof shape>> = {
  word: 'expect',
  about: 'Waits for messages or frames, and claims them',
  shape,
  clients: namesOf,
  async run(given, scene) {
    const args = scene.resolve(given);
    const names = namesOf(args);
    const timeoutMs = scene.waitMs(args.within);
    const orders: (readonly string[])[] = [];
    for (const name of names) {
      if (args.text !== undefined) {
        await expectBytes(scene.line(name), args.text, timeoutMs);
        continue;
      }
      const line = await scene.openLine(name);
      const wish = { scene, line, timeoutMs };
      if (args.frame) save(scene, args.save, await expectFrame(wish, args.frame));
      else if (args.sequence) await expectSequence(wish, args.sequence, (wanted, found) => save(scene, wanted.save, found));
      else if (args.message !== undefined) {
        if (args.count === 0) await expectNoMessage(wish, args.message);
        else for (const found of await expectMessages(wish, args.message, args.count ?? 1)) save(scene, args.save, found);
      } else if (args.notification !== undefined) {
        const wanted = { name: args.notification, order: args.order ?? 'sent', exact: args.exact ?? false, with: args.with };
        if (args.count === 0) await expectNoNotification(wish, wanted.name);
        else {
          const found = await expectNotifications(wish, wanted, args.count);
          orders.push(found.map(({ token }) => token ?? ''));
          for (const { message } of found.slice(-1)) save(scene, args.save, message);
        }
      }
    }
    if (args.order === 'same') expectSameOrder(names, orders);
  },
};

function namesOf({ client: name, clients: names }: Infer<typeof shape>): readonly string[] {
  return name === undefined ? asList(names ?? []) : [name];
}
