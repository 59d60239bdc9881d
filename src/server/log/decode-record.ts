import type { LogRecord, NotificationRecord, TopicRecord } from './record.js';
import { BODY_HEAD_BYTES, KIND, NOTIFICATION_HEAD_BYTES } from './record-format.js';

export interface Decoded {
  readonly sequence: number;
  /** Undefined for one that the log wrote for itself. */
  readonly record: LogRecord | undefined;
}

/**
 * Reads the body of a record whose checksum is right. Byte arrays in the result are views of `body`.
 * @returns undefined when this version knows no such record.
 */
export function decodeRecord(body: Buffer): Decoded | undefined {
  const sequence = body.readUIntLE(1, 6);
  const fields = body.subarray(BODY_HEAD_BYTES);
  switch (body[0]) {
    case KIND.nothing:
      return { sequence, record: undefined };
    case KIND.generation:
      return { sequence, record: { kind: 'generation', generation: fields } };
    case KIND.notification:
      return fields.length < NOTIFICATION_HEAD_BYTES ? undefined : { sequence, record: decodeNotification(fields) };
    case KIND.topic:
      return { sequence, record: decodeTopic(fields) };
    default:
      return undefined;
  }
}

function decodeNotification(fields: Buffer): NotificationRecord {
  const payloadAt = NOTIFICATION_HEAD_BYTES + fields.readUInt8(22);
  return {
    kind: 'notification',
    topicId: fields.readUInt32LE(0),
    offset: fields.readUIntLE(4, 6),
    at: fields.readDoubleLE(10),
    values: fields.readUInt32LE(18),
    key: payloadAt === NOTIFICATION_HEAD_BYTES ? undefined : fields.subarray(NOTIFICATION_HEAD_BYTES, payloadAt),
    payload: fields.subarray(payloadAt),
  };
}

type TopicFields = [topicId: number, packageName: string, page: string, epoch: string, offset: number, heard?: number];

/** Its text is ours: the checksum was right. */
function decodeTopic(fields: Buffer): TopicRecord {
  const [topicId, packageName, page, epoch, offset, heard]: TopicFields = JSON.parse(fields.toString());
  const record = { kind: 'topic', topicId, topic: { package: packageName, page }, position: { epoch, offset } } as const;
  return heard === undefined ? record : { ...record, heard };
}
