import type { Notification, Position } from '../../src/protocol/index.js';
import { openLog } from '../../src/server/log/open-log.js';
import { SILENT } from '../../src/server/observe.js';

/** A notification in a log on disk. */
export interface Stored {
  readonly notification: Notification;
  readonly position: Position;
}

/**
 * Reads all that a broker that is gone has left in its folder, in order.
 * @throws Error when it is damaged, or when a topic's offsets do not go on by one.
 */
export async function readStored(folder: string): Promise<readonly Stored[]> {
  const heads = new Map<number, Position>();
  const stored: Stored[] = [];
  const ignore = (): void => {};
  const events = { committed: ignore, failed: ignore, recovered: ignore };
  const { writer, damage } = await openLog({ folder, durability: 'batched', log: SILENT }, events, (record) => {
    if (record.kind === 'topic') {
      const head = heads.get(record.topicId);
      const { epoch, offset } = record.position;
      if (head?.epoch === epoch && head.offset !== offset) throw new Error(`a topic stands at ${offset}, and was at ${head.offset}`);
      heads.set(record.topicId, { epoch, offset });
    } else if (record.kind === 'notification') {
      const { epoch, offset } = heads.get(record.topicId) ?? { epoch: 'none', offset: Number.NaN };
      if (record.offset !== offset + 1) throw new Error(`offset ${record.offset} follows ${offset}`);
      const position = { epoch, offset: record.offset };
      heads.set(record.topicId, position);
      stored.push({ notification: JSON.parse(Buffer.from(record.payload).toString()) as Notification, position });
    }
  });
  await writer.close();
  if (damage !== undefined) throw new Error(damage);
  return stored;
}
