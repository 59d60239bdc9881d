import { mkdir, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFolder } from '../../../src/server/log/folder-lock.js';
import { LogInUseError } from '../../../src/server/log/log-error.js';
import { SILENT } from '../../../src/server/observe.js';
import { openTestLog, temporaryFolder } from './log-folder.js';

test('refuses a folder that another broker has, says who, and gives it away afterwards', async () => {
  await using folder = await temporaryFolder();
  const log = await openTestLog(folder.path);
  const second = openTestLog(folder.path);
  await expect(second).rejects.toThrow(LogInUseError);
  await expect(second).rejects.toThrow(`${folder.path} is in use by another broker (process ${process.pid}); give each its own --data`);
  await log.writer.close();
  await using third = await openTestLog(folder.path);
  expect(third.damage).toBeUndefined();
});

test('of many that start in the same moment exactly one gets the folder', async () => {
  for (let round = 0; round < 10; round += 1) {
    await using folder = await temporaryFolder();
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder.path, SILENT)));
    const locks = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    const refusals = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []));
    expect(refusals.every((reason) => reason instanceof LogInUseError)).toBe(true);
    expect(locks).toHaveLength(1);
    for (const lock of locks) await lock.release();
    expect(await readdir(folder.path)).toEqual([]);
  }
});

test('takes a folder that was left by a process that died', async () => {
  await using folder = await temporaryFolder();
  const left = join(folder.path, 'broker-000000000000.sock');
  const server = createServer().listen(`${left}.bound`);
  await new Promise((resolve) => server.once('listening', resolve));
  await rename(`${left}.bound`, left);
  await new Promise((resolve) => server.close(resolve));
  expect(await readdir(folder.path)).toEqual(['broker-000000000000.sock']);
  await using log = await openTestLog(folder.path);
  expect(log.damage).toBeUndefined();
  expect((await readdir(folder.path)).filter((name) => name.endsWith('.sock'))).not.toContain('broker-000000000000.sock');
});

test('takes away what was left by a process that was killed while it made its socket, and nothing that is being made', async () => {
  await using folder = await temporaryFolder();
  const [old, young] = ['broker-000000000000.sock.new', 'broker-111111111111.sock.new'];
  for (const name of [old, young]) await writeFile(join(folder.path, name), '');
  const twoMinutesAgo = Date.now() / 1000 - 120;
  await utimes(join(folder.path, old), twoMinutesAgo, twoMinutesAgo);
  const lock = await lockFolder(folder.path, SILENT);
  await lock.release();
  expect(await readdir(folder.path)).toEqual([young]);
});

test('takes and refuses a folder whose path is too long for the address of a socket', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'x'.repeat(120));
  await mkdir(path);
  const log = await openTestLog(path);
  await expect(openTestLog(path)).rejects.toThrow(LogInUseError);
  await log.writer.close();
  await using again = await openTestLog(path);
  expect(again.damage).toBeUndefined();
});

test('leaves sockets that nobody but its user can reach, and none when it is closed', async () => {
  await using folder = await temporaryFolder();
  const lock = await lockFolder(folder.path, SILENT);
  const [name] = await readdir(folder.path);
  expect((await stat(join(folder.path, name ?? ''))).mode & 0o777).toBe(0o600);
  await lock.release();
  expect(await readdir(folder.path)).toEqual([]);
});
