import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { encodePoint, newestPoint, slotOffset } from '../../../src/server/log/commit-point.js';
import { recordingLog } from '../../support/log.js';
import { appendAll, notification, offsetsOf, openTestLog, temporaryFolder } from './log-folder.js';

const APPENDER = fileURLToPath(new URL('appender.mjs', import.meta.url));

/** A disk of 2 MiB; undefined where nobody may mount one. */
async function smallDisk(): Promise<({ readonly path: string } & AsyncDisposable) | undefined> {
  const folder = await temporaryFolder();
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder.path], { stdio: 'ignore' });
  } catch {
    await folder[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      execFileSync('/bin/umount', [folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('takes nothing while the disk is full, keeps all that was committed, and recovers by itself', async ({ skip }) => {
  await using disk = await smallDisk();
  if (disk === undefined) return skip('a file system can only be mounted by root');
  const path = join(disk.path, 'data');
  const ballast = join(disk.path, 'ballast');
  await writeFile(ballast, Buffer.alloc(1_200_000));
  let committed = 0;
  {
    await using log = await openTestLog(path, { segmentBytes: 200_000 });
    while (log.writer.isWritable) {
      log.writer.segment();
      const sequence = log.writer.append(notification(committed + 1, Buffer.alloc(50_000, 'x')));
      await Promise.race([log.committed(sequence), log.saw('failed')]);
      if (log.writer.isWritable) committed += 1;
    }
    expect(await log.saw('failed')).toBe(
      `failed ${path} cannot be written: no space left on the disk (ENOSPC); tried again until 512 KiB can be written`,
    );
    expect(log.writer.append(notification(0))).toBe(0);
    expect(log.writer.pendingBytes).toBe(0);
    await rm(ballast);
    await log.saw('recovered');
    await appendAll(log, committed + 1, committed + 1);
    expect(log.told.filter((text) => text.startsWith('failed'))).toHaveLength(1);
  }
  await using again = await openTestLog(path);
  expect(again.damage).toBeUndefined();
  expect(offsetsOf(again)).toEqual(Array.from({ length: committed + 1 }, (_, index) => index + 1));
});

test('goes on in another segment when a file may not be larger', async () => {
  await using folder = await temporaryFolder();
  const command = `ulimit -f 32; exec "$0" "$@"`;
  const child = spawn('bash', ['-c', command, process.execPath, APPENDER, folder.path, 'batched', '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  const committed: number[] = [];
  const other: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const [what, number] = line.split(' ');
    if (what === 'committed') committed.push(Number(number));
    else other.push(line);
    if (what === 'committed' && other.includes('recovered')) child.kill('SIGKILL');
  }
  if (child.signalCode === null) await once(child, 'exit');
  expect(other.slice(0, 3)).toEqual([
    'opened 0',
    `failed ${folder.path} cannot be written: a file may not be larger (EFBIG); tried again until 512 KiB can be written`,
    'recovered',
  ]);
  await using log = await openTestLog(folder.path);
  expect(log.damage).toBeUndefined();
  expect(offsetsOf(log)).toEqual(expect.arrayContaining(committed));
});

test('recovers when the folder comes back', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'data');
  await using log = await openTestLog(path, { segmentBytes: 100 });
  await rm(path, { recursive: true });
  log.writer.append(notification(1));
  expect(await log.saw('failed')).toBe(
    `failed ${path} cannot be written: there is no such file or folder (ENOENT); tried again until 512 KiB can be written`,
  );
  await mkdir(path);
  await log.saw('recovered');
});

test.each(['batched', 'fsync'] as const)('takes nothing until a restart when a sync failed, and says so (%s)', async (durability) => {
  await using folder = await temporaryFolder();
  const log = await openTestLog(folder.path, { durability });
  await appendAll(log, 1, 2);
  const spy = vi
    .spyOn(await fileHandlePrototype(folder.path), 'datasync')
    .mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }));
  log.writer.append(notification(3));
  expect(await log.saw('failed')).toBe(
    `failed ${folder.path} could not be synced: the disk failed (EIO); what is on the disk is unknown until a restart`,
  );
  spy.mockRestore();
  expect(log.writer.isWritable).toBe(false);
  await log.writer.close();
  await using again = await openTestLog(folder.path, { durability });
  expect(again.damage).toBeUndefined();
  // With `batched` the third was acknowledged before its sync.
  expect(offsetsOf(again)).toEqual(durability === 'fsync' ? [1, 2] : [1, 2, 3]);
});

test('is not marked as closed when a sync fails that was under way as it was closed', async () => {
  await using folder = await temporaryFolder();
  const log = await openTestLog(folder.path);
  await appendAll(log, 1, 1);
  let fail = (_: Error): void => {};
  const spy = vi.spyOn(await fileHandlePrototype(folder.path), 'datasync').mockImplementationOnce(
    () =>
      new Promise((_, reject) => {
        fail = reject;
      }),
  );
  await expect.poll(() => spy.mock.calls.length).toBe(1);
  const closed = log.writer.close();
  fail(Object.assign(new Error('EIO'), { code: 'EIO' }));
  await closed;
  spy.mockRestore();
  expect(newestPoint(await readFile(join(folder.path, 'committed')))?.point.leftAs).toBe('unsynced');
});

test('is damaged when the machine stopped under batched, and not under fsync, nor when the log had been closed', async () => {
  for (const [durability, end] of [
    ['batched', 'killed'],
    ['batched', 'closed'],
    ['fsync', 'killed'],
  ] as const) {
    await using folder = await temporaryFolder();
    const log = await openTestLog(folder.path, { durability });
    await appendAll(log, 1, 2);
    const committed = join(folder.path, 'committed');
    const killed = await readFile(committed);
    await log.writer.close();
    const file = end === 'killed' ? killed : await readFile(committed);
    const found = newestPoint(file);
    if (found === undefined) throw new Error('found no entry');
    encodePoint({ ...found.point, boot: Buffer.alloc(12, 1) }, found.count + 1).copy(file, slotOffset(found.count + 1));
    await writeFile(committed, file);
    const said = recordingLog();
    await using again = await openTestLog(folder.path, { durability, log: said });
    const isLost = durability === 'batched' && end === 'killed';
    expect(again.damage).toBe(isLost ? 'the machine stopped without closing the log; what was acknowledged last may be lost' : undefined);
    expect(offsetsOf(again).slice(0, isLost ? 0 : 2)).toEqual(isLost ? [] : [1, 2]);
  }
});

async function fileHandlePrototype(folder: string): Promise<{ datasync(): Promise<void> }> {
  const file = await open(folder, 'r');
  await file.close();
  return Object.getPrototypeOf(file);
}
