import { useCallback, useReducer, useRef, useState } from 'react';
import { useNotifications } from 'wsn/react';
import { getMessages, type Message } from './api.js';
import { messagesOf, withMessages } from './timeline.js';
import { type Loading, useLoading } from './use-loading.js';

export interface TimelineOfChannels extends Loading {
  readonly messages: readonly Message[];
  /** The last one that the broker has brought, to be read out. */
  readonly latest: Message | undefined;
  /** How many the last reconnection has brought, and when (`Date.now()`, ms). */
  readonly missed: { readonly count: number; readonly at: number } | undefined;
  /** Adds one that this page has sent. */
  add(message: Message): void;
}

/**
 * The messages of some channels: from the API what was before, from the broker what comes. The API is asked when the channels
 * change, again when the broker has them in force, so that nothing falls between the two, and when the broker says that something may be
 * missing. After a short absence it is not asked: the broker sends what was missed.
 */
export function useTimeline(channelIds: readonly string[]): TimelineOfChannels {
  const [timeline, add] = useReducer(withMessages, new Map<string, Message>());
  const [latest, setLatest] = useState<Message>();
  const [missed, setMissed] = useState<TimelineOfChannels['missed']>();
  /** By channel, up to which message the API has answered: what the broker brings may come in another order. */
  const loaded = useRef(new Map<string, string>());

  const loadChannel = useCallback(async (channelId: string) => {
    const messages = await getMessages(channelId, loaded.current.get(channelId));
    const last = messages.at(-1);
    if (last && Number(last.messageId) > Number(loaded.current.get(channelId) ?? 0)) loaded.current.set(channelId, last.messageId);
    add(messages);
  }, []);
  const wanted = channelIds.join();
  const loading = useLoading(
    useCallback(() => {
      const channels = wanted.split(',').filter((channelId) => channelId !== '');
      return Promise.all(channels.map(loadChannel));
    }, [wanted, loadChannel]),
  );

  const subscription = { package: 'amaiia_msg_srv', page: 'messages', filters: { values: { channel: channelIds } } } as const;
  useNotifications(channelIds.length === 0 ? null : subscription, {
    onNotification({ notification: { data } }) {
      add([data]);
      setLatest(data);
    },
    onSubscribed: loading.load,
    onReset: loading.load,
    onRecovered(topics) {
      const count = topics.reduce((sum, { replayed = 0 }) => sum + replayed, 0);
      if (count > 0) setMissed({ count, at: Date.now() });
    },
  });
  return {
    messages: messagesOf(timeline, channelIds),
    latest,
    missed,
    ...loading,
    add: useCallback((message: Message) => add([message]), []),
  };
}
