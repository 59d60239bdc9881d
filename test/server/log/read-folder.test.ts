import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FolderReader } from '../../../src/server/log/read-folder.js';
import { appendAll, notification, openTestLog, temporaryFolder } from './log-folder.js';

const RUNS = Number(process.env.DAMAGE_RUNS ?? 60);
const COUNT = 30;
const ALL = Array.from({ length: COUNT }, (_, index) => index + 1);

/** A reader with what it has found. */
function readerOf(folder: string): { reader: FolderReader; offsets: number[]; unsound: string[] } {
  const [offsets, unsound]: [number[], string[]] = [[], []];
  const reader = new FolderReader(folder, {
    record: (record) => void (record.kind === 'notification' && offsets.push(record.offset)),
    unsound: (because) => void unsound.push(because),
  });
  return { reader, offsets, unsound };
}

test('reads a log that a broker has open, and what comes then, over segments that begin and are deleted', async () => {
  await using folder = await temporaryFolder();
  await using log = await openTestLog(folder.path, { segmentBytes: 300 });
  const { reader, offsets, unsound } = readerOf(folder.path);
  await reader.read();
  expect(offsets).toEqual([]);
  for (let from = 1; from < COUNT; from += 3) {
    await appendAll(log, from, from + 2);
    await reader.read();
    expect(offsets).toHaveLength(from + 2);
    log.writer.deleteOldest();
  }
  expect(offsets).toEqual(ALL);
  expect(unsound).toEqual([]);
});

test('does not see what is not committed', async () => {
  await using folder = await temporaryFolder();
  await using log = await openTestLog(folder.path);
  await appendAll(log, 1, 2);
  const file = join(folder.path, '0000000000000001.wsnlog');
  const bytes = await readFile(file);
  await writeFile(file, Buffer.concat([bytes, bytes.subarray(48, 70)]));
  const { reader, offsets, unsound } = readerOf(folder.path);
  await reader.read();
  expect(offsets).toEqual([1, 2]);
  expect(unsound).toEqual([]);
  await writeFile(file, bytes);
});

test('goes on behind a damaged place, says what is missing, and gives nothing that is not as it was written', async () => {
  await using source = await temporaryFolder();
  {
    await using log = await openTestLog(source.path, { segmentBytes: 400 });
    await appendAll(log, 1, COUNT);
  }
  const names = (await readdir(source.path)).filter((name) => name.endsWith('.wsnlog'));
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(source.path, name)) })));
  const check = async ({ where, at, bits }: { where: number; at: number; bits: number }) => {
    const { name, bytes } = files[where % files.length] ?? { name: '', bytes: Buffer.alloc(0) };
    const place = Math.floor(at * bytes.length);
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ bits;
    await writeFile(join(source.path, name), changed);
    const { reader, offsets, unsound } = readerOf(source.path);
    await reader.read();
    await writeFile(join(source.path, name), bytes);
    // One place harms one record, or the header, which is none.
    expect(ALL.filter((offset) => !offsets.includes(offset)).length).toBeLessThanOrEqual(1);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(unsound[0]).toContain(name);
    // The last record of a segment is missed by the next one, too.
    expect(unsound.slice(1)).toEqual(unsound.length === 1 ? [] : [expect.stringMatching(/^record \d+ is missing before \d+\.wsnlog$/)]);
  };
  const mishap = fc.record({
    where: fc.nat(100),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bits: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(fc.asyncProperty(mishap, check), { numRuns: RUNS });
});

test('tells once which records and files are missing', async () => {
  await using folder = await temporaryFolder();
  {
    await using log = await openTestLog(folder.path, { segmentBytes: 200 });
    for (let offset = 1; offset <= 20; offset += 1) {
      log.writer.segment();
      await log.committed(log.writer.append(notification(offset)));
    }
  }
  const names = (await readdir(folder.path)).filter((name) => name.endsWith('.wsnlog'));
  const [first = '', , third = ''] = names;
  await rm(join(folder.path, first));
  await rm(join(folder.path, third));
  const { reader, unsound } = readerOf(folder.path);
  await reader.read();
  await reader.read();
  expect(unsound).toEqual([`${first} is missing`, expect.stringMatching(/^records \d+ to \d+ are missing before \d{16}\.wsnlog$/)]);
  await rm(join(folder.path, names.at(-1) ?? ''));
  await rm(join(folder.path, 'committed'));
  const without = readerOf(folder.path);
  await without.reader.read();
  expect(without.unsound[0]).toBe('committed is missing or damaged, so that nobody knows where the log ends');
});
