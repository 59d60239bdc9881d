export { BACKOFF, type BackoffOptions } from './backoff.js';
export { type Client, type ClientOptions, type ClientStats, createClient, type Delivery } from './client.js';
export type { ClientState } from './client-state.js';
export { ClosedError } from './closed-error.js';
export type { Publishable, PublishOptions } from './publication.js';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.js';
