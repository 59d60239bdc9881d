import type { Topic } from '../../../src/protocol/index.js';
import type { Entry } from '../../../src/server/entry.js';
import { DiskFeed, type DiskOptions } from '../../../src/server/feed/disk.js';
import type { Outcome } from '../../../src/server/feed/feed.js';
import { History, type HistoryLimits } from '../../../src/server/history.js';
import { Keys } from '../../../src/server/keys.js';
import { recordingLog } from '../../support/log.js';

const LIMITS: HistoryLimits = { historyNotifications: 100, historyAgeMs: 60_000, historyBytes: 100_000_000 };

/** A feed on disk that is open; its disposal closes it. */
export async function openFeed(folder: string, options: Partial<DiskOptions & HistoryLimits> = {}, deliver = (_: Entry) => 1) {
  const limits = { ...LIMITS, ...options };
  const history = new History(limits);
  const keys = new Keys();
  const log = recordingLog();
  const delivered: Entry[] = [];
  const resets: Topic[] = [];
  const feed = new DiskFeed(
    { data: folder, durability: 'batched', dataBytes: 64 * 1024 * 1024, log, ...limits },
    {
      history,
      keys,
      downstream: {
        deliver(entry) {
          delivered.push(entry);
          return deliver(entry);
        },
        reset: (topic) => resets.push(topic),
      },
    },
  );
  await feed.open();
  return {
    feed,
    history,
    keys,
    log,
    delivered,
    resets,
    append(topic: Topic, text = '{}', key?: Buffer): Promise<Outcome> {
      return new Promise((resolve) => {
        feed.append({ topic: { ...topic }, filters: {}, payload: Buffer.from(text), key }, resolve);
      });
    },
    offsets: (topic: Topic) => history.kept(topic).map(({ position }) => position.offset),
    [Symbol.asyncDispose]: () => feed.close(),
  };
}
