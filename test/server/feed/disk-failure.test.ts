import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Topic } from '../../../src/protocol/index.js';
import { temporaryFolder } from '../log/log-folder.js';
import { openFeed } from './open-feed.js';

const A: Topic = { package: 'p', page: 'a' };
const UNAVAILABLE = { kind: 'failed', error: expect.objectContaining({ code: 'unavailable' }) };
const INTERNAL = { kind: 'failed', error: expect.objectContaining({ code: 'internal' }) };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What all files have. */
async function fileHandlePrototype(folder: string): Promise<FileHandle> {
  const file = await open(folder, 'r');
  await file.close();
  return Object.getPrototypeOf(file);
}

describe('a publisher of a log on disk', () => {
  it('that fails on its refusal keeps no other from one (R-5.7)', async () => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path);
    await world.append(A);
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    vi.spyOn(await fileHandlePrototype(folder.path), 'write').mockRejectedValueOnce(full);
    world.feed.append({ topic: A, filters: {}, payload: Buffer.from('{}') }, () => {
      throw new Error('no such connection');
    });
    expect(await world.append(A)).toEqual(UNAVAILABLE);
    expect(world.log.find('a notification from the log provoked a bug')?.err).toEqual(new Error('no such connection'));
  });

  it('is told that the broker failed, even where it fails on saying so to subscribers (R-5.6)', async () => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path, {}, () => {
      world.resets.push = () => {
        throw new Error('broken, too');
      };
      throw new Error('broken');
    });
    expect(await world.append(A)).toEqual(INTERNAL);
    expect(world.log.find('a notification from the log provoked a bug')?.err).toEqual(new Error('broken, too'));
  });
});

describe('a disk that neither takes anything nor fails', () => {
  it('is told of once, until it answers again (R-5.7)', async () => {
    await using folder = await temporaryFolder();
    await using world = await openFeed(folder.path);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let fail = (_: Error): void => {};
    const hanging = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const spy = vi.spyOn(await fileHandlePrototype(folder.path), 'write').mockReturnValueOnce(hanging);
    const outcome = world.append(A);
    vi.advanceTimersByTime(4000);
    expect(world.feed.trouble).toBeUndefined();
    vi.advanceTimersByTime(60_000);
    expect(world.feed.trouble).toMatch(/^the disk does not answer: /);
    expect(world.feed.stats.isWritable).toBe(false);
    while (spy.mock.calls.length === 0) await nextTurn();
    fail(Object.assign(new Error('EIO'), { code: 'EIO' }));
    expect(await outcome).toEqual(UNAVAILABLE);
    expect(world.feed.trouble).toMatch(/the disk failed \(EIO\); tried again/);
    const said = world.log.records.map(({ message }) => message).filter((message) => message.includes('the disk'));
    expect(said).toEqual(['the disk does not answer: publishers wait', 'the disk answers again']);
  });
});
