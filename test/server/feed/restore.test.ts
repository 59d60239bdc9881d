import { expect, test } from 'vitest';
import { Restore } from '../../../src/server/feed/restore.js';
import { History } from '../../../src/server/history.js';
import { Keys } from '../../../src/server/keys.js';

const TOPIC = { package: 'p', page: 'q' };
const HOUR_MS = 3_600_000;

/** Restores a topic from notifications 1, 2, … that came so long ago. */
function restored(agesMs: readonly number[]): History {
  const history = new History({ historyNotifications: 100, historyAgeMs: 60_000, historyBytes: 1_000_000 });
  const restore = new Restore({ history, keys: new Keys(), historyAgeMs: 60_000 });
  restore.take({ kind: 'topic', topicId: 1, topic: TOPIC, position: { epoch: 'e', offset: 0 } }, 1);
  for (const [index, ageMs] of agesMs.entries()) {
    const payload = Buffer.from('{}');
    const offset = index + 1;
    restore.take({ kind: 'notification', topicId: 1, offset, at: Date.now() - ageMs, values: 0, key: undefined, payload }, 1 + offset);
  }
  restore.finish();
  return history;
}

test.each([
  { title: 'put back', agesMs: [-HOUR_MS, -HOUR_MS, HOUR_MS], kept: [] },
  { title: 'put back and then went on', agesMs: [-HOUR_MS, HOUR_MS, 0, 0], kept: [3, 4] },
  { title: 'put forward', agesMs: [HOUR_MS, HOUR_MS, 0], kept: [3] },
])('a topic stands where it stood after a clock that was $title, and keeps nothing with a hole (R-5.4)', ({ agesMs, kept }) => {
  const history = restored(agesMs);
  expect(history.head(TOPIC)).toEqual({ epoch: 'e', offset: agesMs.length });
  expect(history.kept(TOPIC).map(({ position }) => position.offset)).toEqual(kept);
  expect(history.since(TOPIC, { epoch: 'e', offset: 1 })).toBe('gone');
});
