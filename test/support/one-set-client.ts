import {
  type Client as AnyClient,
  type ClientOptions as AnyOptions,
  createClient as createAnyClient,
  type Delivery,
  type Publishable,
  type PublishOptions,
  publishUntilReceipt,
  type Receipt,
  type SubscribedTopic,
  type Subscription,
  type SubscriptionHandle,
} from '../../src/client/index.js';

export type { ClientState, Delivery, WebSocketConstructor } from '../../src/client/index.js';

export interface ClientOptions extends AnyOptions {
  readonly subscriptions?: readonly Subscription[];
  onNotification?(delivery: Delivery): void;
}

/** A client that has one handle at most, whose set is replaced as a whole: what the broker is told is what was said last. */
export interface Client extends Omit<AnyClient, 'subscribe' | 'publish'> {
  /** @param options with `retry`: until there is a receipt. */
  publish(notification: Publishable, options?: PublishOptions & { readonly retry?: boolean }): Promise<Receipt | undefined>;
  subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribedTopic[]>;
}

export function createClient({ subscriptions, onNotification, ...options }: ClientOptions): Client {
  const client = createAnyClient(options);
  let handle: SubscriptionHandle | undefined;
  const subscribe = (wanted: readonly Subscription[]) => {
    if (handle) return handle.replace(wanted);
    handle = client.subscribe(wanted, (delivery) => onNotification?.(delivery), { onRefused: () => {} });
    return handle.ready;
  };
  if (subscriptions) void subscribe(subscriptions);
  return {
    get state() {
      return client.state;
    },
    get stats() {
      return client.stats;
    },
    store: client.store,
    subscribe,
    publish: (notification, { retry = false, ...publishOptions } = {}) => {
      if (!retry) return client.publish(notification, publishOptions);
      const { backoff = {}, random = Math.random, onProblem } = options;
      return publishUntilReceipt(client, notification, { ...publishOptions, backoff, random, onWait: (error) => onProblem?.(error) });
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
