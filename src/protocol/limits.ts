/**
 * The bounds that PROTOCOL.md puts on every message, whoever sends it. They are part of the contract and no
 * option changes them; what an operator may tune (message size, rates, heartbeat) is in `server/options`.
 */
export const LIMITS = {
  /** `package` and `page`, in UTF-8 bytes. */
  topicNameBytes: 256,
  /** Nesting of a whole message, the root object being level 1. */
  messageDepth: 64,
  /** Nesting of the value of `filters`, that value being level 1. */
  filterDepth: 8,
  /** Subscriptions in one message, so that one peer cannot make the broker hold a million of them. */
  subscriptions: 1000,
  /** Values, objects and arrays in all filters of one message of subscriptions. */
  filterValues: 10_000,
  /** `id` of a `wsn.v1` message, in UTF-8 bytes. */
  idBytes: 64,
  /** `key` of a publication, in UTF-8 bytes. */
  keyBytes: 128,
  /** An epoch, in UTF-8 bytes. */
  epochBytes: 64,
  /** Notifications of one topic that a resume may replay. */
  replayNotifications: 1000,
  /** Payload of a close frame after its code, in UTF-8 bytes (RFC 6455 section 5.5). */
  closeReasonBytes: 123,
} as const;
