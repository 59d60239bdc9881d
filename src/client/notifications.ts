import type { Subscription } from '../protocol/index.js';
import type { Client } from './client.js';
import { ClosedError, NORMAL } from './closed-error.js';
import type { DataOf } from './data-types.js';
import type { Delivery } from './delivery.js';
import { onAbort } from './on-abort.js';

export interface NotificationsOptions {
  /** Aborting ends the loop; what has come by then is still given. */
  readonly signal?: AbortSignal;
  /** How many may wait to be taken. Default: 10,000. */
  readonly limit?: number;
}

const LIMIT = 10_000;

/**
 * What comes for these subscriptions, to be taken by `for await`; leaving the loop unsubscribes. It ends when the client is closed by
 * `close()`, or the signal aborts.
 * @throws ProtocolError when the broker refuses the subscriptions; ClosedError when the client stops for another reason; Error when more
 *   than `limit` notifications wait to be taken.
 */
export async function* notifications<D, const S extends Subscription>(
  client: Client<D>,
  subscriptions: S | readonly S[],
  { signal, limit = LIMIT }: NotificationsOptions = {},
): AsyncGenerator<Delivery<DataOf<S, D>>, void, undefined> {
  type Taken = Delivery<DataOf<S, D>>;
  const waiting: Taken[] = [];
  let ended: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const end = (error?: unknown) => {
    ended ??= { error };
    wake();
  };
  const take = (delivery: Taken) => {
    if (waiting.length >= limit) end(new Error(`more than ${limit} notifications wait to be taken: take them faster, or raise the limit`));
    else if (!ended) waiting.push(delivery);
    wake();
  };
  const handle = client.subscribe(subscriptions, take, { onRefused: end });
  const look = () => {
    const { state } = client;
    if (state.kind === 'closed') end(state.code === NORMAL ? undefined : new ClosedError(state.code, state.reason));
  };
  const forget = client.store.subscribe(look);
  const forgetSignal = onAbort(signal, () => end());
  if (signal?.aborted) end();
  look();
  try {
    for (;;) {
      for (let next = waiting.shift(); next; next = waiting.shift()) yield next;
      if (ended?.error !== undefined) throw ended.error;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    forgetSignal();
    forget();
    handle.unsubscribe();
  }
}
