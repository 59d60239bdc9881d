import type { ReactElement } from 'react';
import type { Channel, Message } from './api.js';
import { useFollowedEnd } from './use-followed-end.js';

/** Messages of one author that come within this, in ms, stand together. */
const TOGETHER_MS = 5 * 60_000;
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

interface MessageListProps {
  readonly messages: readonly Message[];
  /** Those that are followed. */
  readonly channels: readonly Channel[];
  /** Whose own messages stand on the other side. */
  readonly name: string;
}

/** Messages, oldest first; at least one. */
export function MessageList({ messages, channels, name }: MessageListProps): ReactElement {
  const last = messages.at(-1);
  const { frame, seen, toEnd } = useFollowedEnd(Number(last?.messageId), last?.author === name);
  const unread = messages.filter(({ messageId }) => Number(messageId) > seen).length;
  return (
    <div className="timeline">
      <section ref={frame} className="messages" aria-label="Messages">
        <ol>
          {messages.map((message, index) => (
            <Entry
              key={message.messageId}
              message={message}
              previous={messages[index - 1]}
              channels={channels}
              isOwn={message.author === name}
            />
          ))}
        </ol>
      </section>
      {unread > 0 && (
        <button type="button" className="unread" onClick={toEnd}>
          {unread === 1 ? '1 new message' : `${unread} new messages`}
        </button>
      )}
    </div>
  );
}

interface EntryProps {
  readonly message: Message;
  readonly previous: Message | undefined;
  readonly channels: readonly Channel[];
  readonly isOwn: boolean;
}

function Entry({ message, previous, channels, isOwn }: EntryProps): ReactElement {
  const { author, channelId, text, at } = message;
  const moment = new Date(at);
  const day = DAY.format(moment);
  const isNewDay = previous === undefined || DAY.format(new Date(previous.at)) !== day;
  const isTogether = !isNewDay && isOfSame(message, previous);
  const channel = channels.find((other) => other.channelId === channelId);
  return (
    <>
      {isNewDay && <li className="day">{day}</li>}
      <li className="message" data-own={isOwn} data-together={isTogether} data-channel={channelId}>
        {!isTogether && (
          <p className="by">
            <b>{author}</b>
            {channels.length > 1 && <span className="tag">{channel?.name}</span>}
            <time dateTime={at}>{TIME.format(moment)}</time>
          </p>
        )}
        <p className="words">{text}</p>
      </li>
    </>
  );
}

function isOfSame(message: Message, previous: Message): boolean {
  const { author, channelId, at } = message;
  return author === previous.author && channelId === previous.channelId && Date.parse(at) - Date.parse(previous.at) < TOGETHER_MS;
}
