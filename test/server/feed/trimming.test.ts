import { describe, expect, it } from 'vitest';
import type { Topic } from '../../../src/protocol/index.js';
import { nameBytesOf } from '../../../src/server/feed/disk-topic.js';
import { DiskTopics } from '../../../src/server/feed/disk-topics.js';
import { Trimming } from '../../../src/server/feed/trimming.js';
import { History } from '../../../src/server/history.js';
import type { LogWriter, OldestSegment } from '../../../src/server/log/log-writer.js';
import { temporaryFolder } from '../log/log-folder.js';
import { openFeed } from './open-feed.js';

const LIMITS = { historyNotifications: 100, historyAgeMs: 60_000, historyBytes: 100_000_000 };

/** The `number`-th of topics with a name of so many bytes. */
function topicOf(number: number, bytes = 10): Topic {
  return { package: String(number).padStart(bytes, 'n'), page: 'q' };
}

/** A log whose oldest segment names so many topics that are in use; nothing else is needed of it. */
function world(count: number) {
  const topics = new DiskTopics();
  const history = new History(LIMITS);
  for (let number = 0; number < count; number++) {
    const topic = topicOf(number);
    history.open(topic, { epoch: 'e', offset: 1 });
    const standing = { epoch: 'e', offset: 1, committed: 1, namedIn: 1, lastSequence: number + 1 };
    topics.add({ id: topics.newId(), topic, nameBytes: nameBytesOf(topic), ...standing });
  }
  let sequence = count;
  const steps: string[] = [];
  const oldest: OldestSegment = { number: 1, lastSequence: count, bytes: 1_000_000_000 };
  const log = { oldest: oldest as OldestSegment | undefined, bytes: 2_000_000_000, isWritable: true };
  const writer = Object.assign(log, {
    segment: () => 2,
    deleteOldest() {
      log.oldest = undefined;
      steps.push('deleted');
    },
  }) as unknown as LogWriter;
  let carried = 0;
  const trimming = new Trimming(writer, {
    maxBytes: 4_000_000_000,
    history,
    topics,
    hasKeys: false,
    firstPending: () => undefined,
    carry(topic) {
      topic.lastSequence = ++sequence;
      carried++;
    },
    generation(hasForgotten) {
      steps.push(`${carried}${hasForgotten ? ' and a new generation' : ''}`);
      carried = 0;
      return ++sequence;
    },
  });
  return { topics, history, trimming, steps, log, commit: () => trimming.committed(sequence) };
}

describe('the oldest segment of a log', () => {
  it('goes when all that it names is named again and committed, a part at a time (R-5.4)', () => {
    const { trimming, steps, commit } = world(2500);
    trimming.sweep();
    trimming.sweep();
    expect(steps).toEqual(['1000']);
    trimming.committed(2500);
    for (let count = 0; count < 3; count++) commit();
    expect(steps).toEqual(['1000', '1000', '500', 'deleted']);
  });

  it('names a topic again only if nothing has come of it meanwhile, and forgets it only if nobody has come for it (R-5.4)', () => {
    const { topics, history, trimming, steps, commit } = world(2500);
    history.clear();
    for (const number of [0, 1200, 1201]) history.open(topicOf(number), { epoch: 'e', offset: 1 });
    trimming.sweep();
    Object.assign(topics.get(topicOf(1200)) ?? {}, { lastSequence: 9999 });
    history.open(topicOf(1202), { epoch: 'e', offset: 1 });
    commit();
    expect(steps).toEqual(['1 and a new generation', '2 and a new generation']);
    expect([0, 1, 1200, 1201, 1202, 1203].filter((number) => topics.get(topicOf(number)))).toEqual([0, 1200, 1201, 1202]);
  });

  it('stays when the log fails before all of that is committed, and goes with the next try (R-5.4)', () => {
    const { trimming, steps, commit } = world(1500);
    trimming.sweep();
    commit();
    trimming.failed();
    commit();
    expect(steps).toEqual(['1000', '500']);
    trimming.sweep();
    commit();
    expect(steps).toEqual(['1000', '500', '0', 'deleted']);
  });

  it('stays when the log is being closed before all is named again (R-5.4)', () => {
    const { trimming, steps, log, commit } = world(1500);
    trimming.sweep();
    log.isWritable = false;
    commit();
    commit();
    expect(steps).toEqual(['1000']);
  });
});

describe('names of topics', () => {
  const MIB = 1024 * 1024;
  /** Their names would fill the log. */
  const TOPICS = 1600;

  it('fill half of the log at most: others are refused, and who publishes to one of them goes on (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    const options = { dataBytes: 2 * MIB };
    let head: unknown;
    {
      await using world = await openFeed(folder.path, options);
      const outcomes = await Promise.all(Array.from({ length: TOPICS }, (_, number) => world.append(topicOf(number, 1000))));
      const taken = outcomes.filter(({ kind }) => kind === 'appended').length;
      expect(taken).toBeGreaterThan(900);
      expect(taken).toBeLessThan(1100);
      expect(world.feed.trouble).toMatch(/^the log has no room for another topic: the names of \d+ topics fill half of its 2097152 bytes$/);
      expect(world.feed.stats.isWritable).toBe(true);
      expect(world.log.records.filter(({ level }) => level === 'error')).toHaveLength(1);
      const large = JSON.stringify('x'.repeat(100_000));
      for (let count = 0; count < 100; count++)
        expect(await world.append(topicOf(count % 2, 1000), large)).toMatchObject({ kind: 'appended' });
      await expect.poll(() => world.feed.stats.bytes).toBeLessThan(3 * MIB);
      head = [0, 1, 2].map((number) => world.feed.head(topicOf(number, 1000)));
    }
    await using world = await openFeed(folder.path, options);
    expect([0, 1, 2].map((number) => world.feed.head(topicOf(number, 1000)))).toEqual(head);
  });

  it('have room again when topics that nobody uses are forgotten (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path, { dataBytes: 2 * MIB, historyAgeMs: 20 });
    for (let first = 0; first < TOPICS; first += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, number) => world.append(topicOf(first + number, 1000))));
    }
    expect(await world.append(topicOf(TOPICS, 1000))).toMatchObject({ kind: 'failed', error: { code: 'unavailable' } });
    await expect
      .poll(() => {
        world.history.sweep(() => false);
        world.feed.sweep();
        return world.feed.trouble;
      })
      .toBeUndefined();
    expect(await world.append(topicOf(TOPICS, 1000))).toMatchObject({ kind: 'appended' });
    expect(world.log.find('the log has room for other topics again')).toBeDefined();
  });

  it('that are still in use are not written again and again for nothing (R-5.4)', async () => {
    await using folder = await temporaryFolder();
    {
      await using world = await openFeed(folder.path);
      await Promise.all(Array.from({ length: TOPICS }, (_, number) => world.append(topicOf(number, 1000))));
    }
    await using world = await openFeed(folder.path, { dataBytes: MIB, historyAgeMs: 0 });
    for (let count = 0; count < 20; count++) {
      world.feed.sweep();
      await world.append(topicOf(count, 1000));
    }
    const { bytes } = world.feed.stats;
    for (let count = 0; count < 20; count++) {
      world.feed.sweep();
      await world.append(topicOf(0, 1000));
    }
    expect(world.feed.stats.bytes - bytes).toBeLessThan(10_000);
  });
});
