import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matches, type Notification, type Subscription } from '../../src/protocol/index.js';
import { filters } from '../protocol/arbitraries.js';
import { startTestBroker } from '../support/broker.js';
import { quickClient } from './conversation.js';
import { eventually } from './fake-broker.js';

const PAGES = ['a', 'b', 'c'];
const FENCE = { package: 'fence', page: 'fence' };

const topic = fc.record({ package: fc.constant('p'), page: fc.constantFrom(...PAGES) });
const subscription: fc.Arbitrary<Subscription> = fc
  .tuple(topic, fc.option(filters))
  .map(([found, wanted]) => ({ ...found, ...(wanted ? { filters: wanted } : {}) }));
const wishes = fc.array(fc.array(subscription, { maxLength: 3 }), { minLength: 1, maxLength: 5 });
const notifications = fc.array(fc.tuple(topic, filters), { minLength: 1, maxLength: 6 });

it('each handle gets what one of its subscriptions matches, once and in order, and nothing else (R-3.1)', async () => {
  await using broker = await startTestBroker();
  await using client = quickClient(broker.url);
  let fences = 0;
  client.subscribe(FENCE, () => fences++);
  await fc.assert(
    fc.asyncProperty(wishes, wishes, notifications, async (before, after, given) => {
      const heard = before.map((): unknown[] => []);
      const handles = before.map((wanted, at) => client.subscribe(wanted, ({ notification }) => heard[at]?.push(notification.data)));
      const wanted = before.map((set, at) => after[at] ?? set);
      await Promise.all(handles.map(({ replace }, at) => (after[at] ? replace(after[at]) : undefined)));
      const sent: Notification[] = given.map(([found, carried], data) => ({ ...found, filters: carried, data }));
      const [seen] = [fences, await Promise.all(sent.map((notification) => client.publish(notification)))];
      await client.publish(FENCE);
      await eventually(() => fences > seen, 'the fence');
      for (const { unsubscribe } of handles) unsubscribe();
      const owed = (set: readonly Subscription[]) => sent.filter((one) => set.some((wish) => matches(wish, one))).map(({ data }) => data);
      expect(heard).toEqual(wanted.map(owed));
    }),
    { numRuns: 150 },
  );
  expect(client.stats.reconnects).toBe(0);
});
