import { describe, isObject, type Json } from './filter.js';
import { LIMITS } from './limits.js';
import type { Subscription, TopicPosition } from './messages.js';
import { ProtocolError } from './protocol-error.js';
import { readString, readTopic } from './read-topic.js';
import { topicKey } from './topic.js';

/**
 * Checks where a client wants to go on: positions of topics that it subscribes to, each once.
 * @throws ProtocolError `invalid-resume` with a pointer below `/resume`.
 */
export function readResume(value: Json, subscriptions: readonly Subscription[]): readonly TopicPosition[] {
  if (!Array.isArray(value)) {
    throw new ProtocolError('invalid-resume', `expected an array of positions, found ${describe(value)}`, { path: '/resume' });
  }
  const wanted = new Set(subscriptions.map(topicKey));
  const seen = new Set<string>();
  return value.map((entry: Json, index): TopicPosition => {
    const path = `/resume/${index}`;
    if (!isObject(entry)) throw new ProtocolError('invalid-resume', `expected a position (an object), found ${describe(entry)}`, { path });
    const topic = readTopic(entry, 'invalid-resume', path);
    const key = topicKey(topic);
    if (!wanted.has(key)) throw new ProtocolError('invalid-resume', 'this topic is not in the subscriptions', { path });
    if (seen.has(key)) throw new ProtocolError('invalid-resume', 'this topic is resumed twice', { path });
    seen.add(key);
    const epoch = readString({ value: entry.epoch, maxBytes: LIMITS.epochBytes }, 'invalid-resume', `${path}/epoch`);
    const { offset } = entry;
    if (!Number.isSafeInteger(offset) || (offset as number) < 0) {
      throw new ProtocolError('invalid-resume', `expected an integer from 0, found ${describe(offset)}`, { path: `${path}/offset` });
    }
    return { ...topic, epoch, offset: offset as number };
  });
}
