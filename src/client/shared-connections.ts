import { type Client, createClient } from './client.js';
import type { ClientOptions } from './client-options.js';
import type { ClientState } from './client-state.js';
import type { TokenSource } from './token.js';

/** What components may say about their connection; what else a client tells, they learn as state or of their own subscriptions. */
export type ConnectionOptions = Pick<ClientOptions, 'token' | 'WebSocket' | 'wake' | 'backoff' | 'protocols' | 'onProblem'>;

/** Who needs a connection for a while. */
interface User {
  /** The functions in it are looked up when they are needed, so that they may be others by then. */
  readonly options: { readonly current: ConnectionOptions };
  /** Called when the state may have changed. */
  readonly onState?: () => void;
}

/** A connection, whether it is there at the moment or not. */
export interface ConnectionSource {
  /** `undefined` while nobody holds it. */
  readonly client: Client | undefined;
  /** The same object until it changes. */
  readonly state: ClientState;
  /**
   * Keeps it until what is returned is called: the first to come opens it, and it closes a microtask after the last has gone.
   * @throws what `createClient` throws.
   */
  hold(user: User): () => void;
}

/** Users share a connection whose address is equal. */
interface Address {
  readonly url: string;
  readonly token: TokenName;
  /** From `newOwner`: of those below one provider alone. */
  readonly owner?: number;
}

/** A token that is a string, or whether there is a function that gives one. */
type TokenName = string | boolean;

/** The state while nobody holds a connection, and on a server. */
export const CONNECTING: ClientState = { kind: 'connecting', attempt: 1 };

const FIXED = ['WebSocket', 'wake', 'backoff', 'protocols'] as const;

const held = new Map<string, SharedConnection>();
let owners = 0;

/** What an address needs to be like no other. */
export function newOwner(): number {
  return ++owners;
}

export function tokenName(token: ConnectionOptions['token']): TokenName {
  return typeof token === 'function' || (token ?? false);
}

/** The connection of all who give the same address. It is made as its first user says. */
export function sharedConnection({ url, token, owner }: Address): ConnectionSource {
  const key = JSON.stringify([url, token, owner]);
  return {
    get client() {
      return held.get(key)?.client;
    },
    get state() {
      return held.get(key)?.state ?? CONNECTING;
    },
    hold(user) {
      const entry = { ...user }; // the same user may come twice
      const found = held.get(key);
      // One that is closed for good, and that its users have left, is nothing to who comes now, perhaps with another token.
      const isOver = found?.state.kind === 'closed' && found.users.size === 0;
      const connection = found && !isOver ? found : new SharedConnection(url, entry);
      held.set(key, connection);
      connection.users.add(entry);
      return () => {
        connection.users.delete(entry);
        // Who is mounted in place of the last, or mounted twice (strict mode), comes in the same turn.
        queueMicrotask(() => {
          if (connection.users.size > 0) return;
          if (held.get(key) === connection) held.delete(key);
          void connection.client.close();
        });
      };
    },
  };
}

/** A client that somebody else has made, and closes. */
export function givenConnection(client: Client): ConnectionSource {
  return {
    client,
    get state() {
      return client.store.getSnapshot().state;
    },
    hold: ({ onState }) => client.store.subscribe(() => onState?.()),
  };
}

/** One client, and who uses it. */
class SharedConnection {
  readonly client: Client;
  state = CONNECTING;
  /** In the order in which they came. */
  readonly users: Set<User>;

  /** @param first is there before its client, which asks for the token at once. */
  constructor(url: string, first: User) {
    const { token, ...options } = first.options.current;
    this.users = new Set([first]);
    this.client = createClient({
      ...fixedOf(options),
      url,
      ...(typeof token === 'function' ? { token: (request) => this.#tokenFor(request) } : token ? { token } : {}),
      onProblem: (error) => this.#firstWith('onProblem')?.onProblem?.(error),
      onState: (state) => this.#follow(state),
    });
  }

  #tokenFor(request: Parameters<TokenSource>[0]): ReturnType<TokenSource> {
    const token = this.#firstWith('token')?.token;
    return typeof token === 'function' ? token(request) : token;
  }

  /** What the one has said that has been here for longest, of those that say something of it. */
  #firstWith(name: keyof ConnectionOptions): ConnectionOptions | undefined {
    return [...this.users].map(({ options }) => options.current).find((options) => options[name]);
  }

  #follow(state: ClientState): void {
    this.state = state;
    for (const { onState } of [...this.users]) onState?.();
  }
}

/** What cannot change later. A component may have other options beside these, which are not for its connection. */
function fixedOf(options: ConnectionOptions): Pick<ConnectionOptions, (typeof FIXED)[number]> {
  return Object.fromEntries(FIXED.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}
