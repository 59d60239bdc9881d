import type { Message } from './api.js';

/** Messages by their number: what comes twice, from the API and from the broker, is there once. */
export type Timeline = ReadonlyMap<string, Message>;

/** With more messages; the same one where nothing is new. */
export function withMessages(timeline: Timeline, messages: readonly Message[]): Timeline {
  const added = messages.filter(({ messageId }) => !timeline.has(messageId));
  if (added.length === 0) return timeline;
  return new Map([...timeline, ...added.map((message) => [message.messageId, message] as const)]);
}

/** Those of some channels, oldest first. */
export function messagesOf(timeline: Timeline, channelIds: readonly string[]): readonly Message[] {
  return [...timeline.values()]
    .filter(({ channelId }) => channelIds.includes(channelId))
    .sort((one, other) => Number(one.messageId) - Number(other.messageId));
}
