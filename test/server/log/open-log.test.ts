import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LogRecord } from '../../../src/server/log/record.js';
import { recordingLog } from '../../support/log.js';
import { appendAll, notification, offsetsOf, openTestLog, temporaryFolder } from './log-folder.js';

const RECORDS: LogRecord[] = [
  { kind: 'generation', generation: Buffer.from('0123456789abcdef') },
  { kind: 'topic', topicId: 1, topic: { package: 'pä|', page: 'q\u0000\ud800' }, position: { epoch: 'k3', offset: 117 } },
  { ...notification(118), key: Buffer.from('fedcba9876543210') },
  { ...notification(2 ** 40), topicId: 2 ** 32 - 1, at: 1.5, values: 0, payload: Buffer.alloc(0) },
  { ...notification(119, Buffer.alloc(3_000_000, 'x')) },
];

/** Comparing megabytes as objects takes seconds. */
function asText(read: unknown): string {
  return JSON.stringify(read, (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value));
}

test.each(['batched', 'fsync'] as const)('gives back every record as it was appended, in order (%s)', async (durability) => {
  await using folder = await temporaryFolder();
  {
    await using log = await openTestLog(folder.path, { durability });
    expect(log.damage).toBeUndefined();
    const sequences = RECORDS.map((record) => log.writer.append(record));
    expect(sequences).toEqual([1, 2, 3, 4, 5]);
    expect(log.told).toEqual([]);
    await log.committed(5);
    expect(log.writer.pendingBytes).toBe(0);
  }
  await using again = await openTestLog(folder.path, { durability });
  expect(again.damage).toBeUndefined();
  expect(again.read.map(asText)).toEqual(RECORDS.map((record, index) => asText({ record, sequence: index + 1 })));
  expect(again.writer.append(notification(1))).toBe(6);
});

test('writes what was appended in one turn in one batch, and what comes meanwhile in the next', async () => {
  await using folder = await temporaryFolder();
  await using log = await openTestLog(folder.path);
  for (let offset = 1; offset <= 100; offset += 1) log.writer.append(notification(offset));
  await log.committed(100);
  expect(log.told).toEqual(['committed 100']);
});

test('commits what is pending when it is closed', async () => {
  await using folder = await temporaryFolder();
  const log = await openTestLog(folder.path);
  log.writer.append(notification(1));
  const closed = log.writer.close();
  expect(log.writer.isWritable).toBe(false);
  expect(log.writer.append(notification(2))).toBe(0);
  await closed;
  expect(log.told).toEqual(['committed 1']);
  await using again = await openTestLog(folder.path);
  expect(offsetsOf(again)).toEqual([1]);
});

test('begins a segment where the one before is full, and deletes the oldest when it is told to', async () => {
  await using folder = await temporaryFolder();
  {
    await using log = await openTestLog(folder.path, { segmentBytes: 300 });
    expect(log.writer.oldest).toBeUndefined();
    // Of what is appended in one turn as much as two segments hold stays together.
    for (let offset = 1; offset <= 20; offset += 2) await appendAll(log, offset, offset + 1);
    const segments = (await readdir(folder.path)).filter((name) => name.endsWith('.wsnlog'));
    expect(segments.length).toBeGreaterThan(3);
    const { bytes, oldest } = log.writer;
    log.writer.deleteOldest();
    expect(log.writer.bytes).toBe(bytes - (oldest?.bytes ?? 0));
    await appendAll(log, 21, 22);
    expect(await onDisk(folder.path)).toBe(log.writer.bytes);
    expect(log.writer.oldest?.number).toBe((oldest?.number ?? 0) + 1);
  }
  await using again = await openTestLog(folder.path, { segmentBytes: 300 });
  expect(again.damage).toBeUndefined();
  const offsets = offsetsOf(again);
  expect(offsets.at(-1)).toBe(22);
  expect(offsets[0]).toBeGreaterThan(1);
  expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, index) => (offsets[0] ?? 0) + index));
});

test('gives no number of a segment twice, over restarts too', async () => {
  await using folder = await temporaryFolder();
  const numbers: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using log = await openTestLog(folder.path);
    numbers.push(log.writer.segment());
    await appendAll(log, round, round);
  }
  expect(numbers).toEqual([1, 2, 3]);
});

test('cuts a torn end that nobody was promised, keeps whole records before it, and says so', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, '0000000000000001.wsnlog');
  let end = 0;
  {
    await using log = await openTestLog(folder.path);
    await appendAll(log, 1, 3);
    ({ size: end } = await stat(file));
    const promised = await readFile(join(folder.path, 'committed'));
    await appendAll(log, 4, 5);
    await log.writer.close();
    await writeFile(join(folder.path, 'committed'), promised);
  }
  await truncate(file, (await stat(file)).size - 3);
  const said = recordingLog();
  await using again = await openTestLog(folder.path, { log: said });
  expect(again.damage).toBeUndefined();
  expect(offsetsOf(again)).toEqual([1, 2, 3, 4]);
  expect(said.records.map(({ message }) => message)).toEqual([expect.stringMatching(/^cut the end of the log/)]);
  expect((await stat(file)).size).toBeGreaterThan(end);
});

test('moves a damaged log away and begins a new one, which no part of the old one is taken for', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, '0000000000000001.wsnlog');
  {
    await using log = await openTestLog(folder.path);
    await appendAll(log, 1, 3);
  }
  const before = await readFile(file);
  await truncate(file, before.length - 1);
  const said = recordingLog();
  await using again = await openTestLog(folder.path, { log: said });
  expect(again.damage).toBe('0000000000000001.wsnlog: found a record that is cut off at byte 138, and there has to be more');
  expect(await readdir(folder.path)).toEqual(expect.arrayContaining(['committed', expect.stringMatching(/^damaged-/)]));
  const moved = said.find('the log is damaged: it was set aside, and every topic begins a new epoch')?.movedTo;
  expect(await readdir(String(moved))).toEqual(['0000000000000001.wsnlog', 'committed']);
  await appendAll(again, 1, 1);
  await again.writer.close();
  await writeFile(file, before);
  await using third = await openTestLog(folder.path);
  expect(third.damage).toBe('0000000000000001.wsnlog: it belongs to another log');
});

test('says in a line what to do where no log can be', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  const advice = 'give the broker a folder of its own that it may write, with --data';
  await expect(openTestLog(file)).rejects.toThrow(`${file} cannot hold the log: it is not a folder (EEXIST); ${advice}`);
  await expect(openTestLog(join(file, 'data'))).rejects.toThrow(/cannot hold the log: it is not a folder \(ENOTDIR\)/);
});

async function onDisk(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.wsnlog'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

type Step = { readonly kind: 'append'; readonly sizes: readonly number[] } | { readonly kind: 'delete' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), sizes: fc.array(fc.nat(700), { minLength: 1, maxLength: 12 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'delete' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

test('whatever is appended and deleted, a restart reads the rest of it, and nothing else', async () => {
  const run = async (steps: readonly Step[]) => {
    await using folder = await temporaryFolder();
    let expected: { offset: number; sequence: number }[] = [];
    let log = await openTestLog(folder.path, { segmentBytes: 1000 });
    let offset = 0;
    for (const step of [...steps, { kind: 'restart' as const }]) {
      if (step.kind === 'append') {
        for (const size of step.sizes) {
          log.writer.segment();
          offset += 1;
          expected.push({ offset, sequence: log.writer.append(notification(offset, Buffer.alloc(size, 'x'))) });
        }
        await log.committed(expected.at(-1)?.sequence ?? 0);
      } else if (step.kind === 'delete') {
        const { lastSequence } = log.writer.oldest ?? { lastSequence: 0 };
        expected = expected.filter(({ sequence }) => sequence > lastSequence);
        log.writer.deleteOldest();
      } else {
        await log.writer.close();
        log = await openTestLog(folder.path, { segmentBytes: 1000 });
        expect(log.damage).toBeUndefined();
        const read = log.read.flatMap(({ record, sequence }) =>
          record.kind === 'notification' ? [{ offset: record.offset, sequence }] : [],
        );
        expect(read).toEqual(expected);
      }
    }
    await log.writer.close();
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), run), { numRuns: 30 });
});

describe.runIf(process.platform === 'linux')('a folder that cannot be made', () => {
  it.each(['/proc/nope', '/proc/nope/deeper', '/dev/null/log'])('%s is refused with a sentence', async (folder) => {
    await expect(openTestLog(folder)).rejects.toThrow(/cannot hold the log: .*--data$/);
  });
});
