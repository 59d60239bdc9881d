import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/server/log/record.js';
import { notification, openTestLog, type TestLog, temporaryFolder } from './log-folder.js';

const RUNS = Number(process.env.DAMAGE_RUNS ?? 60);
const PROMISED = 40;

type Files = ReadonlyMap<string, Buffer>;

/** What happens to a log while nobody has it. `where` picks a file, `at` a place in it, both from 0 to 1. */
type Mishap =
  | { readonly kind: 'flip'; readonly where: number; readonly at: number; readonly bits: number }
  | { readonly kind: 'truncate'; readonly where: number; readonly at: number }
  | { readonly kind: 'zero'; readonly where: number; readonly at: number }
  | { readonly kind: 'drop'; readonly where: number }
  | { readonly kind: 'swap'; readonly where: number; readonly other: number }
  | { readonly kind: 'append'; readonly where: number; readonly bytes: Uint8Array };

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('flip' as const), where: share, at: share, bits: fc.integer({ min: 1, max: 255 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('truncate' as const), where: share, at: share }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('zero' as const), where: share, at: share }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), where: share }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const), where: share, other: share }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('append' as const), where: share, bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }) }),
  },
);

describe.each(['closed', 'killed'] as const)('of a log that was %s', (end) => {
  it('no damage goes unseen: every record is there as it was, or the log says that it is damaged', async () => {
    const { files, records } = await makeLog(end);
    await using folder = await temporaryFolder();
    const check = async (happened: Mishap) => {
      await write(folder.path, after(files, happened));
      await using log = await openTestLog(folder.path);
      if (log.damage === undefined) expectRecords(log, records);
      else expect(log.damage).toMatch(/^(the machine stopped|committed|\d{16}\.wsnlog)/);
      log.writer.append(notification(1));
      await log.committed(1);
    };
    await fc.assert(fc.asyncProperty(mishap, check), { numRuns: RUNS });
  });

  it('a byte that changes in a record, a header or the size of a segment is always damage', async () => {
    const { files } = await makeLog(end);
    await using folder = await temporaryFolder();
    const segments = [...files.keys()].filter((name) => name.endsWith('.wsnlog'));
    for (const name of segments.slice(0, 2)) {
      const bytes = files.get(name) ?? Buffer.alloc(0);
      for (let at = 0; at < bytes.length; at += RUNS > 1000 ? 1 : 19) {
        await write(folder.path, new Map([...files, [name, flipped(bytes, at, 0x10)]]));
        await using log = await openTestLog(folder.path);
        expect(log.damage, `byte ${at}`).toMatch(name);
      }
    }
  });
});

it('is damaged without the file that says what was promised', async () => {
  const { files } = await makeLog('closed');
  await using folder = await temporaryFolder();
  await write(folder.path, new Map([...files].filter(([name]) => name !== 'committed')));
  await using log = await openTestLog(folder.path);
  expect(log.damage).toMatch(/^committed is missing beside the segments \(\d+\)$/);
});

it('is not damaged when one of the two entries of that file is', async () => {
  const { files, records } = await makeLog('closed');
  const committed = files.get('committed') ?? Buffer.alloc(0);
  for (const at of [10, 4096 + 10]) {
    await using folder = await temporaryFolder();
    await write(folder.path, new Map([...files, ['committed', flipped(committed, at, 1)]]));
    await using log = await openTestLog(folder.path);
    expect(log.damage).toBeUndefined();
    expectRecords(log, records);
  }
  await using folder = await temporaryFolder();
  await write(folder.path, new Map([...files, ['committed', flipped(flipped(committed, 10, 1), 4096 + 10, 1)]]));
  await using log = await openTestLog(folder.path);
  expect(log.damage).toBe('committed: found no sound entry at byte 0 or 4096');
});

/** The files of a log of some segments, of which the oldest are deleted. */
async function makeLog(end: 'closed' | 'killed'): Promise<{ files: Files; records: TestLog['read'] }> {
  await using folder = await temporaryFolder();
  const records: { record: LogRecord; sequence: number }[] = [];
  const log = await openTestLog(folder.path, { segmentBytes: 300 });
  let inSegment = 0;
  for (let offset = 1; offset <= PROMISED; offset += 1) {
    const number = log.writer.segment();
    if (number !== inSegment) {
      const record: LogRecord = {
        kind: 'topic',
        topicId: 1,
        topic: { package: 'p', page: 'q' },
        position: { epoch: 'k3', offset: offset - 1 },
      };
      records.push({ record, sequence: log.writer.append(record) });
    }
    inSegment = number;
    const record = notification(offset);
    const sequence = log.writer.append(record);
    records.push({ record, sequence });
    if (offset % 3 === 0) await log.committed(sequence);
  }
  await log.committed(records.at(-1)?.sequence ?? 0);
  const first = (log.writer.oldest?.lastSequence ?? 0) + 1;
  log.writer.deleteOldest();
  const last = log.writer.append(notification(PROMISED + 1));
  records.push({ record: notification(PROMISED + 1), sequence: last });
  await log.committed(last);
  if (end === 'closed') await log.writer.close();
  const files = await readAll(folder.path);
  if (end === 'killed') await log.writer.close();
  return { files, records: records.filter(({ sequence }) => sequence >= first) };
}

async function readAll(folder: string): Promise<Files> {
  const names = (await readdir(folder)).filter((name) => name === 'committed' || name.endsWith('.wsnlog'));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

async function write(folder: string, files: Files): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
}

function after(files: Files, happened: Mishap): Files {
  const names = [...files.keys()];
  const pick = (at: number) => names[Math.floor(at * names.length)] ?? '';
  const name = pick(happened.where);
  const bytes = files.get(name) ?? Buffer.alloc(0);
  const changed = new Map(files);
  const place = 'at' in happened ? Math.floor(happened.at * bytes.length) : 0;
  if (happened.kind === 'flip') changed.set(name, flipped(bytes, place, happened.bits));
  else if (happened.kind === 'truncate') changed.set(name, bytes.subarray(0, place));
  else if (happened.kind === 'zero') changed.set(name, Buffer.concat([bytes.subarray(0, place), Buffer.alloc(bytes.length - place)]));
  else if (happened.kind === 'append') changed.set(name, Buffer.concat([bytes, happened.bytes]));
  else changed.delete(name);
  if (happened.kind !== 'swap') return changed;
  const other = pick(happened.other);
  return changed.set(name, files.get(other) ?? bytes).set(other, bytes);
}

function flipped(bytes: Buffer, at: number, bits: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ bits;
  return copy;
}

/** Quicker than comparing objects. */
function expectRecords(log: TestLog, records: TestLog['read']): void {
  expect(JSON.stringify(log.read)).toBe(JSON.stringify(records));
}
