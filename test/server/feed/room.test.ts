import { readdir, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Topic } from '../../../src/protocol/index.js';
import { MAY_MOUNT, smallDisk } from '../../support/small-disk.js';
import { temporaryFolder } from '../log/log-folder.js';
import { openFeed } from './open-feed.js';

const A: Topic = { package: 'p', page: 'a' };
const B: Topic = { package: 'p', page: 'b' };
const MIB = 1024 * 1024;
const large = JSON.stringify('x'.repeat(300_000));

it.runIf(MAY_MOUNT)('a disk that the log itself has filled has room again when nothing of it is needed any more (R-5.7)', async () => {
  await using disk = await smallDisk();
  await using world = await openFeed(disk.path, { dataBytes: 32 * MIB, historyAgeMs: 200 });
  await world.append(B);
  const { epoch } = world.feed.head(B);
  let last = await world.append(A, large);
  while (last.kind === 'appended') last = await world.append(A, large);
  expect(world.feed.trouble).toContain('no space left on the disk');
  await expect
    .poll(
      () => {
        world.history.sweep(() => true);
        world.feed.sweep();
        return world.feed.trouble;
      },
      { timeout: 10_000 },
    )
    .toBeUndefined();
  await expect.poll(() => world.feed.stats.bytes).toBeLessThan(4 * MIB);
  expect(await world.append(B)).toMatchObject({ kind: 'appended', position: { epoch, offset: 2 } });
});

it('what is appended in one turn is in the log as a whole, across the end of a segment too (R-6.3)', async () => {
  await using folder = await temporaryFolder();
  await using world = await openFeed(folder.path, { dataBytes: 16 * MIB });
  for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 5 }, () => world.append(A, large)));
  // Segments of 1 MiB, and five of 300 kB in each turn: a turn in two segments would make more of them.
  expect((await readdir(folder.path)).filter((name) => name.endsWith('.wsnlog'))).toHaveLength(4);
});

it('a folder that is removed under a broker is noticed within a second or two, and nothing more is acknowledged (R-5.7)', async () => {
  await using folder = await temporaryFolder();
  await using world = await openFeed(folder.path);
  await world.append(A);
  await rm(folder.path, { recursive: true });
  await expect.poll(async () => (await world.append(A)).kind, { timeout: 10_000, interval: 100 }).toBe('failed');
  await expect.poll(() => String(world.feed.trouble)).toContain('its files were removed');
});
