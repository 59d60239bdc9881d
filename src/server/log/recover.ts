import { randomBytes } from 'node:crypto';
import { open, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../observe.js';
import type { Durability } from '../options.js';
import { bootIdentity, isSameBoot } from './boot-identity.js';
import { type Checked, checkLog, listSegments, type SoundSegment } from './check-log.js';
import { COMMIT_FILE, CommitFile } from './commit-file.js';
import type { CommitPoint } from './commit-point.js';
import type { RecordVisitor } from './read-segment.js';
import { segmentName } from './segment-header.js';
import { ROOM_FILE } from './segment-store.js';
import { setAside } from './set-aside.js';
import { syncFolder } from './sync-folder.js';

export interface RecoverOptions {
  readonly folder: string;
  readonly durability: Durability;
  readonly log: Log;
  /** See `LogOptions`. */
  readonly contradiction?: () => string | undefined;
}

/** A log that is as it has to be, and marked as open. */
export interface Recovered {
  readonly commits: CommitFile;
  readonly segments: readonly SoundSegment[];
  /** See `OpenedLog`. */
  readonly damage: string | undefined;
}

/**
 * Brings the log of a folder that this process has into order, or makes one.
 * @param visit gets each record; void when the result says damage.
 * @throws what the system says.
 */
export async function recover(options: RecoverOptions, visit: RecordVisitor): Promise<Recovered> {
  const { folder, log } = options;
  const found = await find(options, visit);
  if (found === undefined) return { commits: await create(options), segments: [], damage: undefined };
  if ('damage' in found) {
    await found.commits?.close();
    const movedTo = await setAside(folder);
    const advice = `${movedTo} may be deleted when nobody needs it: nothing deletes it by itself`;
    const said = 'the log is damaged: it was set aside, and every topic begins a new epoch';
    log.error({ folder, movedTo, because: found.damage, advice }, said);
    return { commits: await create(options), segments: [], damage: found.damage };
  }
  const { commits } = found;
  try {
    await trim(options, found);
    if (commits.point.leftAs !== 'closed') await syncAll(folder, found.segments);
    const last = found.segments.at(-1);
    await commits.establish({
      oldest: found.segments[0]?.first ?? 0,
      segment: last?.first ?? 0,
      length: last?.bytes ?? 0,
      sequence: last?.lastSequence ?? 0,
      leftAs: options.durability,
      boot: bootIdentity(),
    });
    await commits.sync();
  } catch (error) {
    await commits.close();
    throw error;
  }
  return { commits, segments: found.segments, damage: undefined };
}

type Sound = Exclude<Checked, { damage: string }>;

/** Undefined when there is no log. */
type Found = (Sound & { readonly commits: CommitFile }) | { readonly damage: string; readonly commits: CommitFile | undefined } | undefined;

async function find({ folder, contradiction }: RecoverOptions, visit: RecordVisitor): Promise<Found> {
  const commits = await openCommits(folder);
  if (commits === undefined) {
    const count = (await listSegments(folder)).length;
    return count === 0 ? undefined : { damage: `${COMMIT_FILE} is missing beside the segments (${count})`, commits };
  }
  if (commits === 'damaged') return { damage: `${COMMIT_FILE}: found no sound entry at byte 0 or 4096`, commits: undefined };
  try {
    const { point } = commits;
    if (point.leftAs === 'batched' && !isSameBoot(point.boot, bootIdentity())) {
      return { damage: 'the machine stopped without closing the log; what was acknowledged last may be lost', commits };
    }
    const checked = await checkLog(folder, point, visit);
    const damage = 'damage' in checked ? undefined : contradiction?.();
    return damage === undefined ? { ...checked, commits } : { damage, commits };
  } catch (error) {
    await commits.close();
    throw error;
  }
}

async function openCommits(folder: string): Promise<CommitFile | 'damaged' | undefined> {
  try {
    return (await CommitFile.open(folder)) ?? 'damaged';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function create({ folder, durability }: RecoverOptions): Promise<CommitFile> {
  const point: CommitPoint = {
    store: randomBytes(16),
    oldest: 0,
    segment: 0,
    length: 0,
    sequence: 0,
    leftAs: durability,
    boot: bootIdentity(),
  };
  return CommitFile.create(folder, point);
}

/** Takes off what is not in the log. */
async function trim({ folder, log }: RecoverOptions, { segments, surplus, torn }: Sound): Promise<void> {
  for (const name of surplus) await rm(join(folder, name));
  await rm(join(folder, ROOM_FILE), { force: true });
  const last = segments.at(-1);
  if (last === undefined || torn === 0) return;
  const file = segmentName(last.first);
  await truncate(join(folder, file), last.bytes);
  log.warn({ folder, file, bytes: torn }, 'cut the end of the log, which was not written to its end and not acknowledged');
}

/** After a kill some of it may still be on its way to the disk, which the next sync, of other files, would not wait for. */
async function syncAll(folder: string, segments: readonly SoundSegment[]): Promise<void> {
  for (const { first } of segments) {
    const file = await open(join(folder, segmentName(first)), 'r+');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }
  await syncFolder(folder);
}
