import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Topic, topicKey } from '../../../src/protocol/index.js';
import type { Outcome } from '../../../src/server/feed/feed.js';
import { keyUse } from '../../../src/server/keys.js';
import { openLog } from '../../../src/server/log/open-log.js';
import { SILENT } from '../../../src/server/observe.js';
import { temporaryFolder } from '../log/log-folder.js';
import { openFeed } from './open-feed.js';

const A: Topic = { package: 'p', page: 'a' };
const B: Topic = { package: 'p', page: 'b' };

describe('a log on disk', () => {
  it.each(['batched', 'fsync'] as const)('delivers what is in it, in order, and says where it stands: %s (R-5.7)', async (durability) => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path, { durability });
    const outcomes = await Promise.all([A, B, A].map((topic) => world.append(topic)));
    expect(world.delivered.map(({ topic, position }) => `${topic.page}${position.offset}`)).toEqual(['a1', 'b1', 'a2']);
    expect(outcomes).toEqual(world.delivered.map(({ position }) => ({ kind: 'appended', position, matched: 1 })));
    expect(world.feed.head(A)).toEqual(world.delivered[2]?.position);
  });

  it('is taken up again: epochs and offsets go on, and what is kept is what was published (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    const texts = ['{"package":"p","page":"a","filters":{"values":"2"},"n":85.0}', '{"package":"p", "page":"a"}'];
    let head: unknown;
    {
      await using world = await openFeed(folder.path);
      for (const text of texts) await world.append(A, text);
      await world.append(B);
      head = world.feed.head(A);
    }
    await using world = await openFeed(folder.path);
    expect(world.feed.head(A)).toEqual(head);
    expect(world.history.kept(A).map(({ payload }) => payload.toString())).toEqual(texts);
    expect(world.history.kept(A).map(({ filters }) => filters)).toEqual([{ values: '2' }, {}]);
    await world.append(A);
    expect(world.feed.head(A)).toEqual({ ...(head as object), offset: 3 });
    expect(world.offsets(A)).toEqual([1, 2, 3]);
  });

  it('gives a topic to which nothing was published the same epoch again, and another topic another one (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    const heads = [];
    for (let count = 0; count < 2; count++) {
      await using world = await openFeed(folder.path);
      heads.push(world.feed.head(A), world.feed.head(B));
    }
    expect(heads.slice(0, 2)).toEqual(heads.slice(2));
    expect(heads[0]?.epoch).not.toBe(heads[1]?.epoch);
  });

  it('remembers keys (R-5.8)', async () => {
    await using folder = await temporaryFolder();
    const use = keyUse({ identity: '', topic: A, key: 'k' }, Buffer.from('{}'), '');
    {
      await using world = await openFeed(folder.path);
      await world.append(A, '{}', use.id);
    }
    await using world = await openFeed(folder.path);
    const outcomes: Outcome[] = [];
    world.keys.once(
      use,
      () => expect.unreachable(),
      (outcome) => outcomes.push(outcome),
    );
    expect(outcomes).toEqual([{ kind: 'appended', position: world.feed.head(A), matched: 0, isDuplicate: true }]);
  });

  it('keeps no more than the history, but knows where topics stand (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    {
      await using world = await openFeed(folder.path);
      for (let count = 0; count < 10; count++) await world.append(A);
    }
    await using few = await openFeed(folder.path, { historyNotifications: 3 });
    expect(few.offsets(A)).toEqual([8, 9, 10]);
    await few.feed.close();
    await using none = await openFeed(folder.path, { historyAgeMs: 0 });
    expect(none.offsets(A)).toEqual([]);
    expect(none.feed.head(A).offset).toBe(10);
  });

  it('begins a new epoch where a fan-out failed, and that stands after a restart, too (R-5.6)', async () => {
    await using folder = await temporaryFolder();
    let before: string | undefined;
    let after: unknown;
    {
      let isBroken = false;
      await using world = await openFeed(folder.path, {}, () => {
        if (isBroken) throw new Error('broken');
        return 1;
      });
      await world.append(A);
      before = world.feed.head(A).epoch;
      isBroken = true;
      const outcomes = await Promise.all([world.append(A), world.append(A)]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['failed', 'failed']);
      expect(world.resets).toEqual([A]);
      isBroken = false;
      expect(await world.append(A)).toMatchObject({ kind: 'appended', position: { offset: 1 } });
      after = world.feed.head(A);
    }
    await using world = await openFeed(folder.path);
    expect(world.feed.head(A)).toEqual(after);
    expect(world.feed.head(A).epoch).not.toBe(before);
    expect(world.offsets(A)).toEqual([1]);
  });

  it('that was cut short begins new epochs, and says why (R-5.7)', async () => {
    await using folder = await temporaryFolder();
    let head: { readonly epoch: string } | undefined;
    {
      await using world = await openFeed(folder.path);
      await world.append(A);
      head = world.feed.head(A);
    }
    for (const name of await readdir(folder.path)) if (name.endsWith('.wsnlog')) await truncate(join(folder.path, name), 100);
    await using world = await openFeed(folder.path);
    expect(world.feed.head(A)).toEqual({ epoch: expect.any(String), offset: 0 });
    expect(world.feed.head(A).epoch).not.toBe(head?.epoch);
    expect(world.log.find('the log is damaged: it was set aside, and every topic begins a new epoch')?.because).toEqual(expect.any(String));
  });
});

describe('a log on disk and keys', () => {
  const use = (key: string) => keyUse({ identity: '', topic: A, key }, Buffer.from('{}'), '');

  it('forgets over a restart what nobody heard because the fan-out failed, and nothing else of that epoch (R-5.8)', async () => {
    await using folder = await temporaryFolder();
    let isBroken = false;
    {
      await using world = await openFeed(folder.path, {}, () => {
        if (isBroken) throw new Error('broken');
        return 1;
      });
      await world.append(A, '{}', use('heard').id);
      isBroken = true;
      await Promise.all([world.append(A, '{}', use('failed').id), world.append(A, '{}', use('behind').id)]);
    }
    await using world = await openFeed(folder.path);
    const published: string[] = [];
    for (const key of ['heard', 'failed', 'behind']) {
      world.keys.once(
        use(key),
        () => published.push(key),
        () => {},
      );
    }
    expect(published).toEqual(['failed', 'behind']);
  });
});

it('a log whose records contradict each other is set aside, and topics begin new epochs (R-5.7)', async () => {
  await using folder = await temporaryFolder();
  const events = { committed() {}, failed() {}, recovered() {} };
  const { writer } = await openLog({ folder: folder.path, durability: 'batched', log: SILENT }, events, () => {});
  writer.append({ kind: 'topic', topicId: 1, topic: A, position: { epoch: 'e', offset: 4 } });
  writer.append({ kind: 'notification', topicId: 1, offset: 6, at: 0, values: 0, key: undefined, payload: Buffer.from('{}') });
  await writer.close();
  await using world = await openFeed(folder.path);
  expect(world.log.find('the log is damaged: it was set aside, and every topic begins a new epoch')).toMatchObject({
    because: 'notification 6 follows 4 in record 2',
    advice: expect.stringMatching(/damaged-.* may be deleted when nobody needs it/),
  });
  expect(world.feed.head(A)).toEqual({ epoch: expect.not.stringMatching(/^e$/), offset: 0 });
});

describe('what a log on disk drops', () => {
  const MIB = 1024 * 1024;
  const large = JSON.stringify('x'.repeat(300_000));

  it('is what there is no room for: the rest is there after a restart, and every topic stands where it stood (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    const options = { dataBytes: 4 * MIB, historyNotifications: 1000 };
    let head: unknown;
    let kept: readonly number[];
    {
      await using world = await openFeed(folder.path, options);
      await world.append(B);
      for (let count = 0; count < 40; count++) await world.append(A, large);
      await expect.poll(() => world.feed.stats.bytes).toBeLessThan(6 * MIB);
      kept = world.offsets(A);
      expect(kept.at(0)).toBeGreaterThan(20);
      head = [world.feed.head(A), world.feed.head(B)];
    }
    await using world = await openFeed(folder.path, options);
    expect([world.feed.head(A), world.feed.head(B)]).toEqual(head);
    expect(world.offsets(A)).toEqual(kept);
  });

  it('with a topic that nobody uses any more is forgotten, and comes back in another epoch (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path, { dataBytes: 4 * MIB, historyAgeMs: 50 });
    await world.append(B);
    const { epoch } = world.feed.head(B);
    for (let count = 0; count < 8; count++) await world.append(A, large);
    await expect
      .poll(() => {
        world.history.sweep((topic) => topicKey(topic) === topicKey(A));
        world.feed.sweep();
        return world.feed.stats.topics;
      })
      .toBe(1);
    expect(world.feed.head(A).offset).toBe(8);
    expect(world.feed.head(B)).toEqual({ epoch: expect.any(String), offset: 0 });
    expect(world.feed.head(B).epoch).not.toBe(epoch);
  });

  it('is nothing that a key is remembered by (R-5.8)', async () => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path, { historyAgeMs: 0 });
    await world.append(B, '{}', Buffer.alloc(16));
    for (let count = 0; count < 20; count++) await world.append(A, large);
    const { bytes } = world.feed.stats;
    world.history.sweep(() => true);
    world.feed.sweep();
    await world.append(A);
    expect(world.feed.stats.bytes).toBeGreaterThan(bytes);
  });
});
