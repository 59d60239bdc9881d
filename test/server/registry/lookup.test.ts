import { expect, test } from 'vitest';
import { Crowd } from '../../../src/server/registry/bucket.js';
import { FilterIndex } from '../../../src/server/registry/filter-index.js';
import { type Group, newGroup } from '../../../src/server/registry/group.js';
import { Lookup } from '../../../src/server/registry/lookup.js';
import { Node } from '../../../src/server/registry/node.js';
import { Guard, type Posting } from '../../../src/server/registry/posting.js';

const TOPIC = { package: 'p', page: 'q' };

test('a crowd that is met again and again is gone through once', () => {
  let reads = 0;
  const wary = { ...newGroup(TOPIC, ''), stamp: 0 } satisfies Group;
  const group = new Proxy(wary, {
    get: (target, name, receiver) => {
      if (name === 'stamp') reads++;
      return Reflect.get(target, name, receiver);
    },
  });
  const postings = Array.from({ length: 100 }, (): Posting => ({ group, node: new Node(), keys: [], guard: undefined, next: undefined }));
  const crowd = new Crowd(postings);
  const lookup = new Lookup({});
  for (let turn = 0; turn < 1000; turn++) lookup.meet(crowd);
  expect(lookup.groups).toEqual([group]);
  expect(reads).toBe(100);
});

test('says how many had to be considered, how many of them in vain, and how much that can have cost', () => {
  const index = new FilterIndex();
  const wanted = [{ a: '1', b: 'x' }, { a: '1', b: 'y' }, { a: '1' }, { a: '2' }];
  for (const filters of wanted) {
    const group = newGroup(TOPIC, '');
    group.postings = index.add(group, [filters]);
  }
  // The first two are both met by their b: the first had nobody beside it in either, the second somebody in its a.
  const { groups, candidates, refused, work } = index.find({ a: ['1'], b: ['x', 'y'], c: true });
  expect([groups.length, candidates, refused]).toEqual([3, 3, 0]);
  expect(work).toBe(3 + 2 * new Guard({ a: '1', b: 'x' }).weight);
  expect(index.find({ a: '3', b: 'y' })).toMatchObject({ groups: [], candidates: 1, refused: 1 });
});

test('what a set says several times under the same names is one candidate, however many subscriptions say it', () => {
  const index = new FilterIndex();
  const group = newGroup(TOPIC, '');
  const filters = Array.from({ length: 1000 }, (_, at) => ({ a: { b: ['x', `own ${at}`] } }));
  group.postings = index.add(group, filters);
  expect(group.postings?.next).toBe(undefined);
  expect(group.postings?.keys).toHaveLength(1001);
  expect(index.find({ a: { b: 'x' } })).toMatchObject({ groups: [group], candidates: 1 });
  expect(index.find({ a: 'own 999' })).toMatchObject({ groups: [group], candidates: 1 });
});
