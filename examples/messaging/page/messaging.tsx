import type { ReactElement } from 'react';
import { useWebSocket } from 'wsn/react';
import type { Channel } from './api.js';
import { ChannelList } from './channel-list.js';
import { Composer } from './composer.js';
import { ConnectionLight } from './connection-light.js';
import { MessageList } from './message-list.js';
import { useStored } from './use-stored.js';
import { useTimeline } from './use-timeline.js';

/** The page: which channels are followed, what is said there, and a place to say something. */
export function Messaging({ channels }: { readonly channels: readonly Channel[] }): ReactElement {
  const [name, setName] = useStored('wsn-example-name', '');
  const [selected, setSelected] = useStored('wsn-example-channels', channels[0]?.channelId ?? '');
  const followed = channels.filter(({ channelId }) => selected.split(',').includes(channelId));
  const { state } = useWebSocket();
  const { messages, latest, missed, isLoaded, problem, load, add } = useTimeline(followed.map(({ channelId }) => channelId));
  return (
    <div className="app">
      <header className="head">
        <h1>Messages</h1>
        <ConnectionLight state={state} />
      </header>
      <ChannelList
        channels={channels}
        selected={followed.map(({ channelId }) => channelId)}
        onSelect={(channelIds) => setSelected(channelIds.join())}
      />
      <main className="main">
        {problem !== undefined && (
          <p className="banner" role="alert">
            {problem}
            <button type="button" className="quiet" onClick={load}>
              Try again
            </button>
          </p>
        )}
        {followed.length === 0 ? (
          <p className="empty">Choose a channel to see its messages.</p>
        ) : (
          <>
            {messages.length === 0 ? (
              <p className="empty">{isLoaded && 'Nothing here yet.'}</p>
            ) : (
              <MessageList messages={messages} channels={followed} name={name} />
            )}
            {missed && (
              <p key={missed.at} className="note" role="status">
                {missed.count === 1 ? '1 message came' : `${missed.count} messages came`} while you were away
              </p>
            )}
            <Composer channels={followed} name={name} onName={setName} onSent={add} />
          </>
        )}
      </main>
      <p className="unseen" role="status">
        {latest && `${latest.author}: ${latest.text}`}
      </p>
    </div>
  );
}
