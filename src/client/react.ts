'use client';
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Receipt, SubscribedTopic, Subscription } from '../protocol/index.js';
import type { Client } from './client.js';
import type { ClientState } from './client-state.js';
import { ClosedError } from './closed-error.js';
import { type ComponentListener, ComponentSubscription, type Reach, type Reduced, type Wanted } from './component-subscription.js';
import type { DataOf } from './data-types.js';
import type { Delivery } from './delivery.js';
import type { Publishable, PublishOptions } from './publication.js';
import { CONNECTING, type ConnectionOptions, givenConnection, newOwner, sharedConnection, tokenName } from './shared-connections.js';
import type { SubscribeOptions, SubscriptionHandle } from './subscription-handle.js';

export type { ConnectionOptions };

/** What a component sees of its connection. */
export interface Connection {
  readonly state: ClientState;
  readonly isOpen: boolean;
  /** The client behind it; `undefined` unless a component that uses it is mounted. */
  readonly client: Client | undefined;
  /**
   * As the client's. It is the same function as long as it is the same connection.
   * @throws ClosedError also when no component that uses the connection is mounted.
   */
  readonly publish: (notification: Publishable, options?: PublishOptions) => Promise<Receipt | undefined>;
}

/** What `useNotifications` takes in any case. All functions may be others at each rendering: the latest are called. */
export interface UseNotificationsOptions extends Omit<SubscribeOptions, 'signal'>, ConnectionOptions {
  /** Which connection, as in `useWebSocket`; default: that of the provider above. */
  readonly url?: string;
  /**
   * The subscriptions are in force, for the first time or after a change: what you load from your API now leaves no gap. After a
   * reconnection it is `onRecovered` or `onReset` that tells.
   */
  onSubscribed?(topics: readonly SubscribedTopic[]): void;
}

export interface CallbackOptions<Data> extends UseNotificationsOptions {
  /** What it throws is an unhandled rejection; other components are told all the same. */
  onNotification(delivery: Delivery<Data>): void;
  readonly reduce?: never;
}

export interface ReduceOptions<Value, Data> extends UseNotificationsOptions {
  /** Called once a notification, outside of rendering. */
  reduce(value: Value, delivery: Delivery<Data>): Value;
  /** The value until the first notification of these subscriptions. */
  readonly initial: Value;
  readonly onNotification?: never;
}

export type WebSocketProviderProps = { readonly children?: ReactNode } & (
  | ({ readonly url: string; readonly client?: never } & ConnectionOptions)
  | { readonly url?: never; readonly client: GivenClient }
);

/** A client whatever it knows of its data: the hooks know what is registered. */
type GivenClient = Omit<Client, 'subscribe'> & { subscribe(...given: never): SubscriptionHandle };

const Provided = createContext<Reach | undefined>(undefined);

/**
 * Gives the components below it a connection of their own, which is open while it is mounted; or a client that you have made, and
 * close. Another `url`, or another `token` where it is a string, is another connection.
 */
export function WebSocketProvider({ children, client, url = '', ...options }: WebSocketProviderProps): ReactElement {
  const latest = useLatest<ConnectionOptions>(options);
  const token = tokenName((options as ConnectionOptions).token);
  const [owner] = useState(newOwner);
  const reach = useMemo<Reach>(
    () => ({ source: client ? givenConnection(client as Client) : sharedConnection({ url, token, owner }), options: latest }),
    [client, url, token, owner, latest],
  );
  useEffect(() => reach.source.hold(reach), [reach]);
  return createElement(Provided.Provider, { value: reach }, children);
}

/**
 * The connection to `url`, one for all components that name it with the same token, or that of the provider above. It is opened
 * when the first of them is mounted, and closed when the last is gone.
 * @param url `ws://` or `wss://`; default: the provider's.
 * @param options those of the first component count; all bring a token or none does, functions counting as equal. Of functions the
 *   latest are called.
 * @throws Error without `url` where there is no provider.
 */
export function useWebSocket(url?: string, options: ConnectionOptions = {}): Connection {
  const reach = useReach(url, options);
  const { source } = reach;
  const subscribe = useCallback((onState: () => void) => reach.source.hold({ options: reach.options, onState }), [reach]);
  const state = useSyncExternalStore(
    subscribe,
    () => source.state,
    () => CONNECTING,
  );
  const publish = useCallback<Connection['publish']>(
    async (notification, more) => {
      await undefined; // what a child publishes in an effect comes before the effect that opens the connection
      if (!source.client) throw new ClosedError(1000, 'no component that uses the connection is mounted');
      return source.client.publish(notification, more);
    },
    [source],
  );
  return useMemo(() => {
    const isOpen = state.kind === 'open';
    return {
      state,
      isOpen,
      publish,
      get client() {
        return source.client;
      },
    };
  }, [state, publish, source]);
}

/**
 * Subscribes the component while it is mounted. Other subscriptions are sent on the same connection, and equal ones, by value, are not
 * sent again.
 * @param wanted `null`: nothing for now.
 * @param options with `reduce`, the value is kept for the component, and begins at `initial` with each other `wanted`.
 * @throws Error without `url` where there is no provider.
 */
export function useNotifications<const S extends Subscription>(wanted: S | readonly S[] | null, options: CallbackOptions<DataOf<S>>): void;
export function useNotifications<const S extends Subscription, Value>(
  wanted: S | readonly S[] | null,
  options: ReduceOptions<Value, DataOf<S>>,
): Value;
export function useNotifications<Value>(
  subscriptions: Wanted | null,
  options: UseNotificationsOptions & ComponentListener<Value>,
): Value | undefined {
  const reach = useReach(options.url, options);
  const latest = useLatest(options);
  const [reduced, setReduced] = useState<Reduced<Value>>();
  const [subscription] = useState(() => new ComponentSubscription(latest, setReduced));
  const text = JSON.stringify(subscriptions ?? null);
  const wanted = useMemo<Wanted | null>(() => JSON.parse(text), [text]);
  useEffect(() => subscription.follow(reach, wanted), [subscription, reach, wanted]);
  useEffect(() => () => subscription.stop(), [subscription]);
  const isCurrent = reduced?.reach === reach && reduced.wanted === wanted;
  return isCurrent ? reduced.value : options.initial;
}

function useReach(url: string | undefined, options: ConnectionOptions): Reach {
  const provided = useContext(Provided);
  const latest = useLatest(options);
  const token = tokenName(options.token);
  const own = useMemo<Reach | undefined>(
    () => (url === undefined ? undefined : { source: sharedConnection({ url, token }), options: latest }),
    [url, token, latest],
  );
  const reach = own ?? provided;
  if (!reach) throw new Error('there is no <WebSocketProvider> above this component: put one there, or name a url');
  return reach;
}

/** The value of the last rendering that was shown, for what is called later. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
