import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches, membersOf, type Notification, type Subscription } from '../../../src/protocol/index.js';
import { FilterIndex, type Posting } from '../../../src/server/registry/filter-index.js';
import type { Group } from '../../../src/server/registry/group.js';
import { notification, RUNS, subscription } from './arbitraries.js';

const TOPIC = { package: 'p', page: 'q' };

function group(subscriptions: readonly Subscription[]): Group {
  return { topic: TOPIC, key: '', subscriptions, members: [], postings: [], stamp: 0 };
}

function met(index: FilterIndex, sought: Notification): Set<Posting> {
  const postings = new Set<Posting>();
  index.visit(membersOf(sought.filters), (posting) => postings.add(posting));
  return postings;
}

test('a look-up meets every subscription that matches, and an exact one only when it matches (R-3.1, R-3.2)', { timeout: 120_000 }, () => {
  const drawn = fc.tuple(fc.array(subscription, { maxLength: 20 }), fc.array(notification, { maxLength: 5 }));
  fc.assert(
    fc.property(drawn, ([subscriptions, notifications]) => {
      const index = new FilterIndex();
      const postings = subscriptions.map((one) => index.add(group([one]), one));
      for (const sought of notifications) {
        const found = met(index, sought);
        for (const posting of postings) {
          const isMatch = matches({ ...posting.subscription, ...TOPIC }, { ...sought, ...TOPIC });
          if (isMatch) expect(found).toContain(posting);
          else expect(posting.isExact && found.has(posting)).toBe(false);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test('an index whose postings have been withdrawn, in whatever order, holds nothing at all', { timeout: 120_000 }, () => {
  const drawn = fc.array(fc.tuple(subscription, fc.nat(), fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(drawn, fc.array(notification, { maxLength: 3 }), (steps, notifications) => {
      const index = new FilterIndex();
      const standing: Posting[] = [];
      for (const [one, pick, isWithdrawn] of steps) {
        standing.push(index.add(group([one]), one));
        if (isWithdrawn) standing.splice(pick % standing.length, 1)[0]?.withdraw();
        for (const sought of notifications) {
          for (const posting of met(index, sought)) expect(standing).toContain(posting);
        }
      }
      for (const posting of standing.reverse()) posting.withdraw();
      expect(index.isEmpty).toBe(true);
      for (const sought of notifications) expect(met(index, sought).size).toBe(0);
    }),
    { numRuns: RUNS },
  );
});

const EXACT: readonly [filters: string, isExact: boolean][] = [
  ['{}', true],
  ['{"values":"2"}', true],
  ['{"values":["2","3"]}', true],
  ['{"values":{"channel":["2"]}}', true],
  ['{"values":{"channel":true}}', true],
  ['{"values":"2","kind":"a"}', false],
  ['{"values":{"channel":"2","kind":"a"}}', false],
];

test.each(EXACT)('meeting %s at its place proves a match: %s', (filters, isExact) => {
  const one: Subscription = { ...TOPIC, filters: JSON.parse(filters) };
  expect(new FilterIndex().add(group([one]), one).isExact).toBe(isExact);
});
