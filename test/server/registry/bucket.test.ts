import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bucket, Crowd, isOne, putInto, sizeOf, takeFrom } from '../../../src/server/registry/bucket.js';
import { newGroup } from '../../../src/server/registry/group.js';
import { Node } from '../../../src/server/registry/node.js';
import type { Posting } from '../../../src/server/registry/posting.js';

const group = newGroup({ package: 'p', page: 'q' }, '');
const node = new Node();
const postings = Array.from({ length: 80 }, (): Posting => ({ group, node, keys: [], guard: undefined, next: undefined }));

function contents(bucket: Bucket | undefined): ReadonlySet<Posting> {
  if (bucket === undefined) return new Set();
  if (isOne(bucket)) return new Set([bucket]);
  return new Set(bucket instanceof Crowd ? bucket.postings : bucket);
}

test('a bucket holds who came and has not gone, be it one, a few or a crowd', () => {
  let crowds = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(postings.length - 1), { maxLength: 400, size: 'max' }), (picks) => {
      let bucket: Bucket | undefined;
      const inside = new Set<Posting>();
      for (const pick of picks) {
        const posting = postings[pick] as Posting;
        bucket = inside.has(posting) ? takeFrom(bucket, posting) : putInto(bucket, posting);
        if (!inside.delete(posting)) inside.add(posting);
        expect(sizeOf(bucket)).toBe(inside.size);
        if (bucket instanceof Crowd) crowds++;
      }
      expect(contents(bucket)).toEqual(inside);
      for (const posting of inside) bucket = takeFrom(bucket, posting);
      expect(bucket).toBe(undefined);
    }),
  );
  expect(crowds).toBeGreaterThan(100);
});
