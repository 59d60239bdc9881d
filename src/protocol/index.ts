export { type AfterClose, afterClose, CLOSE_CODES, type CloseName, closeName } from './close-codes.js';
export {
  decodePeerMessage,
  decodePublications,
  parseObject,
  type Received,
  readKey,
} from './decode.js';
export { decodeBrokerMessage } from './decode-broker.js';
export { explain, type Reason } from './explain.js';
export {
  comparisonForm,
  countValues,
  describe,
  type Filters,
  isObject,
  isScalar,
  type Json,
  type JsonObject,
  membersOf,
  type Scalar,
} from './filter.js';
export { type Access, ANY_NAME, type Grant, type GrantList, grantsFor, namesTopic, permits, readGrants } from './grant.js';
export { LIMITS } from './limits.js';
export { accepts, acceptsFilters, isWildcard, matches } from './match.js';
export * from './messages.js';
export { elementAt, escapePointer, pointerParts, valueAt } from './pointer.js';
export { type ErrorCode, ProtocolError } from './protocol-error.js';
export { readSubscription, readSubscriptions } from './read-subscriptions.js';
export { closeCodeOf, closeReasonOf, withId } from './refusal.js';
export { type Topic, topicKey } from './topic.js';
export { cutToUtf8, utf8Length } from './utf8.js';
