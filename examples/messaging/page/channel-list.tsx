import type { ReactElement } from 'react';
import type { Channel } from './api.js';

interface ChannelListProps {
  readonly channels: readonly Channel[];
  readonly selected: readonly string[];
  onSelect(channelIds: readonly string[]): void;
}

/** Which channels are followed: any number of them. */
export function ChannelList({ channels, selected, onSelect }: ChannelListProps): ReactElement {
  return (
    <fieldset className="channels">
      <legend>Channels</legend>
      {channels.map(({ channelId, name }) => (
        <label key={channelId} className="channel" data-channel={channelId}>
          <input
            type="checkbox"
            checked={selected.includes(channelId)}
            onChange={({ target }) => {
              const others = selected.filter((other) => other !== channelId);
              onSelect(target.checked ? [...others, channelId] : others);
            }}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
