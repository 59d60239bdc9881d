/**
 * How a record stands in a segment: its CRC-32 (4 bytes), the length of its body (4), the body: kind (1), sequence (6),
 * fields. The checksum covers all that follows it, the length too. Numbers are little-endian.
 */
export const PREFIX_BYTES = 8;
/** Kind and sequence. */
export const BODY_HEAD_BYTES = 7;
/** Before the key and the payload: topic id (4), offset (6), time (8), values (4), length of the key (1). */
export const NOTIFICATION_HEAD_BYTES = 23;

/** `nothing` is what a log writes for itself, to see that it can. */
export const KIND = { nothing: 0, topic: 1, notification: 2, generation: 3 } as const;
