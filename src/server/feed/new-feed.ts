import type { History } from '../history.js';
import type { Keys } from '../keys.js';
import type { BrokerOptions } from '../options.js';
import { DiskFeed } from './disk.js';
import type { Downstream, Feed } from './feed.js';
import { MemoryFeed } from './memory.js';

/** Where entries come from and go to. */
export interface FeedParts {
  readonly history: History;
  readonly keys: Keys;
  readonly downstream: Downstream;
}

/** The feed that the options ask for: on disk where they name a folder, else in memory. It has still to be opened. */
export function newFeed(options: BrokerOptions, { history, keys, downstream }: FeedParts): Feed {
  const { data } = options;
  return data === undefined ? new MemoryFeed(history, downstream) : new DiskFeed({ ...options, data }, { history, keys, downstream });
}
