import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { offsetsOf, openTestLog, temporaryFolder } from './log-folder.js';

const APPENDER = fileURLToPath(new URL('appender.mjs', import.meta.url));
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 4);

/** Kills an appender when it has written so many lines. @returns all lines. */
async function runUntil(child: ChildProcess, isEnough: (lines: readonly string[]) => boolean): Promise<string[]> {
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('the appender has no stdout');
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (isEnough(lines)) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return lines;
}

function startAppender(folder: string, durability: string): ChildProcess {
  return spawn(process.execPath, [APPENDER, folder, durability], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
}

test.each(['batched', 'fsync'])(
  'loses nothing that was committed when its process is killed, and goes on behind it (%s)',
  async (durability) => {
    await using folder = await temporaryFolder();
    let committed = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const lines = await runUntil(startAppender(folder.path, durability), ({ length }) => length > 10 + 37 * round);
      expect(lines[0]).toMatch(/^opened \d+$/);
      expect(Number(lines[0]?.split(' ')[1])).toBeGreaterThanOrEqual(committed);
      committed = Number(lines.at(-1)?.split(' ')[1]);
    }
    await using log = await openTestLog(folder.path);
    expect(log.damage).toBeUndefined();
    const offsets = offsetsOf(log);
    expect(offsets.length).toBeGreaterThanOrEqual(committed);
    expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, index) => index + 1));
  },
);

test('is refused while another process has the folder, and not when that was killed', async () => {
  await using folder = await temporaryFolder();
  const child = startAppender(folder.path, 'batched');
  if (child.stdout === null) throw new Error('the appender has no stdout');
  await once(child.stdout, 'data');
  const gone = once(child, 'exit');
  child.stdout.resume();
  await expect(openTestLog(folder.path)).rejects.toThrow(`is in use by another broker (process ${child.pid});`);
  child.kill('SIGKILL');
  await gone;
  await using log = await openTestLog(folder.path);
  expect(log.damage).toBeUndefined();
});
