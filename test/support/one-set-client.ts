import {
  type Client as AnyClient,
  type ClientOptions as AnyOptions,
  createClient as createAnyClient,
  type Delivery,
  type SubscribedTopic,
  type Subscription,
  type SubscriptionHandle,
} from '../../src/client/index.js';

export type { ClientState, Delivery, LostTopic, WebSocketConstructor } from '../../src/client/index.js';
export { ClosedError } from '../../src/client/index.js';

export interface ClientOptions extends AnyOptions {
  readonly subscriptions?: readonly Subscription[];
  onNotification?(delivery: Delivery): void;
}

/** A client that has one handle at most, whose set is replaced as a whole: what the broker is told is what was said last. */
export interface Client extends Omit<AnyClient, 'subscribe'> {
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
    publish: (notification, publishOptions) => client.publish(notification, publishOptions),
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
