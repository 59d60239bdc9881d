import type { Filters, Json } from './filter.js';
import type { ErrorCode } from './protocol-error.js';
import type { Topic } from './topic.js';

/** The subprotocol that opts in to everything beyond the base protocol. */
export const SUBPROTOCOL = 'wsn.v1';

/** What the two ends of a connection agreed to speak: the base protocol, or `wsn.v1`. */
export type Dialect = 'base' | 'v1';

/** One wish of a subscriber: notifications of a topic whose filters it accepts. */
export interface Subscription extends Topic {
  readonly filters?: Filters;
  /** With `wsn.v1`: how many of the last notifications that it matches are wanted first, from 1 to 1,000. */
  readonly rewind?: number;
}

/** Something that happened, told by a back-end. Members that are not named here are relayed too. */
export interface Notification extends Topic {
  readonly filters?: Filters;
  readonly data?: Json;
  readonly message?: Json;
}

/** A place in the order of a topic: the first notification has offset 1, 0 is before it. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

export type TopicPosition = Topic & Position;

/** A subscriber's message: its whole new set of subscriptions. */
export interface SubscribeMessage {
  readonly kind: 'subscribe';
  readonly id?: string;
  readonly subscriptions: readonly Subscription[];
  readonly resume?: readonly TopicPosition[];
}

/** A notification, and where its bytes stand in the message that brought it: these are relayed. */
export interface Publication {
  readonly notification: Notification;
  readonly start: number;
  readonly end: number;
}

/** A publisher's message. */
export interface PublishMessage extends Publication {
  readonly kind: 'publish';
  readonly id?: string;
  readonly key?: string;
}

/** A token given in band. */
export interface AuthenticateMessage {
  readonly kind: 'authenticate';
  readonly id?: string;
  readonly token: string;
}

/** What a peer may send to the broker. */
export type PeerMessage = SubscribeMessage | PublishMessage | AuthenticateMessage;

/** What the broker tells about itself, first of all. */
export interface Hello {
  readonly version: 1;
  /** Names the connection in the broker's log. */
  readonly connection: string;
  /** A mark comes at least this often; two missed ones mean that the line is dead. */
  readonly heartbeatMs: number;
  /** After a 1001, wait for a random part of this before connecting again. */
  readonly jitterMs: number;
}

/** How a topic stands when a set of subscriptions has come into force. */
export interface SubscribedTopic extends TopicPosition {
  /** Only for a resumed topic: whether nothing was missed. */
  readonly recovered?: boolean;
  /** With `recovered`: how many notifications follow that came in between. */
  readonly replayed?: number;
  /** Only for a topic that was rewound: how many of its last notifications follow. */
  readonly rewound?: number;
  /** With `rewound`: whether nothing that matches came before them since the epoch began. */
  readonly complete?: boolean;
  /** True where a grant of the peer may keep back some of what its subscriptions match. */
  readonly narrowed?: true;
}

/** That a notification is in the log. */
export interface Receipt {
  readonly position: Position;
  /** Subscribers of the answering broker to which it went. */
  readonly matched: number;
  /** Whether an earlier use of the same key had brought it. */
  readonly duplicate: boolean;
}

/** Why a message was refused. */
export interface ErrorDetail {
  readonly code: ErrorCode;
  readonly path?: string;
  readonly message: string;
  readonly retry: boolean;
}

/** What the broker may send to a peer; all but `notification` to `wsn.v1` peers only. */
export type BrokerMessage =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'subscribed'; readonly id?: string; readonly topics: readonly SubscribedTopic[] }
  | { readonly kind: 'notification'; readonly notification: Notification; readonly position?: Position }
  | { readonly kind: 'receipt'; readonly id?: string; readonly receipt: Receipt }
  | { readonly kind: 'error'; readonly id?: string; readonly error: ErrorDetail }
  | { readonly kind: 'mark'; readonly topics: readonly TopicPosition[] }
  | { readonly kind: 'reset'; readonly topics: readonly TopicPosition[] }
  | { readonly kind: 'authenticated'; readonly id?: string; readonly expiresAt?: number };
