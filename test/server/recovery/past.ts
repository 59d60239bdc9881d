import type { Position } from '../../../src/protocol/index.js';
import { WANTED, type Wish } from './actions.js';
import type { Entry, KeptLog } from './kept-log.js';

/** Notifications of one topic that a replay may bring, in place of the contract's 1,000. */
export const MOST_REPLAYED = 4;

/** What somebody asks for of the past of a topic. */
interface PastRequest {
  readonly wishes: readonly Wish[];
  readonly page: number;
  /** What it may bring, in bytes. */
  readonly room: number;
}

interface Brought {
  readonly deliveries: readonly object[];
  readonly bytes: number;
  /** What it came to, for the tally. */
  readonly what: string;
}

/** What was missed since a position: all of it, or nothing. */
export function replayOf(log: KeptLog, { wishes, page, room }: PastRequest, from: Position): Brought & { readonly recovered: boolean } {
  const nothing = (what: string) => ({ recovered: false, deliveries: [], bytes: 0, what });
  const { epoch, offset } = log.head(page);
  if (from.epoch !== epoch) return nothing('another epoch');
  if (from.offset > offset) return nothing('ahead');
  const missed = log.of(page).filter((kept) => kept.offset > from.offset);
  if (missed.length < offset - from.offset) return nothing('trimmed');
  const deliveries = missed.filter(({ given }) => hears(wishes, page, given)).map(deliveryOf);
  if (deliveries.length > MOST_REPLAYED) return nothing('too many');
  const bytes = deliveries.reduce((sum, delivery) => sum + frameBytes(delivery), 0);
  if (bytes > room) return nothing('too large');
  return { recovered: true, deliveries, bytes, what: deliveries.length > 0 ? 'replayed' : 'nothing missed' };
}

/** Of each wish that asks for it the last that it hears; of all these the newest that fit. */
export function rewindOf(log: KeptLog, { wishes, page, room }: PastRequest): Brought & { readonly isComplete: boolean } {
  const { offset } = log.head(page);
  const kept = log.of(page);
  const rewound = wishes.filter((wish) => wish.page === page && wish.rewind !== undefined);
  const heardBy = (wish: Wish) => kept.filter(({ given }) => hears([wish], page, given));
  const wanted = new Set(rewound.flatMap((wish) => heardBy(wish).slice(-(wish.rewind as number))));
  const deliveries: object[] = [];
  let bytes = 0;
  for (const one of kept.filter((some) => wanted.has(some)).reverse()) {
    const delivery = deliveryOf(one);
    if (deliveries.length === MOST_REPLAYED || bytes + frameBytes(delivery) > room) break;
    deliveries.unshift(delivery);
    bytes += frameBytes(delivery);
  }
  const isFromTheStart = (kept[0]?.offset ?? offset + 1) === 1;
  const isComplete = isFromTheStart && new Set(rewound.flatMap(heardBy)).size === deliveries.length;
  return { deliveries, bytes, isComplete, what: isComplete ? 'rewound, complete' : 'rewound' };
}

/** Whether a set wants a notification with this value. */
export function hears(wishes: readonly Wish[], page: number, given: string | undefined): boolean {
  return wishes.some((wish) => wish.page === page && WANTED[wish.wanted]?.hears(given));
}

function deliveryOf({ notification, epoch, offset }: Entry): object {
  return { sender: 'server', notification, position: { epoch, offset } };
}

function frameBytes(message: object): number {
  const bytes = Buffer.byteLength(JSON.stringify(message));
  return bytes + (bytes < 126 ? 2 : 4);
}
