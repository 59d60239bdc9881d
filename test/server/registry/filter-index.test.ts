import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches, membersOf, type Notification, type Subscription } from '../../../src/protocol/index.js';
import { FilterIndex } from '../../../src/server/registry/filter-index.js';
import { type Group, newGroup } from '../../../src/server/registry/group.js';
import { notification, RUNS, set } from './arbitraries.js';

const TOPIC = { package: 'p', page: 'q' };

/** A group of a set, posted in an index. */
function posted(index: FilterIndex, subscriptions: readonly Subscription[]): Group {
  const group = newGroup(TOPIC, '');
  group.postings = index.add(
    group,
    subscriptions.map(({ filters }) => membersOf(filters)),
  );
  return group;
}

function wants(subscriptions: readonly Subscription[], sought: Notification): boolean {
  return subscriptions.some((one) => matches({ ...one, ...TOPIC }, { ...sought, ...TOPIC }));
}

test('a look-up finds the sets of which a subscription matches, each once, and no other (R-2.9, R-3.1, R-3.2)', {
  timeout: 120_000,
}, () => {
  const drawn = fc.tuple(fc.array(set, { maxLength: 12 }), fc.array(notification, { maxLength: 5 }));
  fc.assert(
    fc.property(drawn, ([sets, notifications]) => {
      const index = new FilterIndex();
      const groups = sets.map((one) => posted(index, one));
      for (const sought of notifications) {
        const found = index.find(membersOf(sought.filters)).groups;
        expect(found.length).toBe(new Set(found).size);
        expect(new Set(found)).toEqual(new Set(groups.filter((_, at) => wants(sets[at] as Subscription[], sought))));
      }
    }),
    { numRuns: RUNS },
  );
});

test('a crowd that wants the same is found, while some of it come and go (R-3.1, R-3.2)', { timeout: 120_000 }, () => {
  const drawn = fc.tuple(fc.array(set, { minLength: 2, maxLength: 4 }), fc.array(fc.nat(), { minLength: 120, maxLength: 200 }));
  fc.assert(
    fc.property(drawn, fc.array(notification, { minLength: 3, maxLength: 3 }), ([sets, picks], notifications) => {
      const index = new FilterIndex();
      const standing: { readonly group: Group; readonly set: readonly Subscription[] }[] = [];
      for (const [turn, pick] of picks.entries()) {
        const one = sets[pick % sets.length] as readonly Subscription[];
        // Three of four stay at first; later so many leave that no crowd is left.
        const leaves = turn < 100 ? turn % 4 === 0 : turn % 4 !== 0;
        if (leaves && standing.length > 0) index.remove(standing.splice(pick % standing.length, 1)[0]?.group.postings);
        else standing.push({ group: posted(index, one), set: one });
        if (turn % 20 !== 0) continue;
        for (const sought of notifications) {
          const wanting = standing.filter((each) => wants(each.set, sought)).map((each) => each.group);
          expect(new Set(index.find(membersOf(sought.filters)).groups)).toEqual(new Set(wanting));
        }
      }
      for (const { group } of standing) index.remove(group.postings);
      expect(index.isEmpty).toBe(true);
    }),
    { numRuns: RUNS / 10 },
  );
});

test('an index whose groups have been removed, in whatever order, holds nothing at all', { timeout: 120_000 }, () => {
  const drawn = fc.array(fc.tuple(set, fc.nat(), fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(drawn, fc.array(notification, { maxLength: 3 }), (steps, notifications) => {
      const index = new FilterIndex();
      const standing: { readonly group: Group; readonly set: readonly Subscription[] }[] = [];
      for (const [one, pick, isRemoved] of steps) {
        standing.push({ group: posted(index, one), set: one });
        if (isRemoved) index.remove(standing.splice(pick % standing.length, 1)[0]?.group.postings);
        for (const sought of notifications) {
          const wanting = standing.filter((each) => wants(each.set, sought)).map((each) => each.group);
          expect(new Set(index.find(membersOf(sought.filters)).groups)).toEqual(new Set(wanting));
        }
      }
      for (const { group } of standing.reverse()) index.remove(group.postings);
      expect(index.isEmpty).toBe(true);
      for (const sought of notifications) expect(index.find(membersOf(sought.filters))).toMatchObject({ groups: [], candidates: 0 });
    }),
    { numRuns: RUNS },
  );
});

test('who shared a value below a name, was left alone with it and went is not found when others share it (R-2.2)', () => {
  const index = new FilterIndex();
  const wish = (value: string): Group => posted(index, [{ ...TOPIC, filters: { a: { b: value } } }]);
  const [first, second] = [wish('x'), wish('x')];
  wish('keeps the place');
  index.remove(first.postings);
  expect(index.find({ a: { b: 'x' } }).groups).toEqual([second]);
  index.remove(second.postings);
  const others = [wish('x'), wish('x')];
  expect(index.find({ a: { b: 'x' } })).toMatchObject({ groups: others, candidates: 2 });
});
