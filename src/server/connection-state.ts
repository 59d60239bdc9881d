/** Who ended a connection, and why. */
export interface Cause {
  readonly by: 'peer' | 'broker';
  readonly code: number;
  readonly reason: string;
}

/** Where a connection is in its life; who ends it first says why. */
export type State =
  | { readonly kind: 'open' }
  | ({ readonly kind: 'closing' } & Cause)
  | ({ readonly kind: 'dropped' } & Cause)
  | { readonly kind: 'closed' };

/** Shared by all connections: most of them are open most of the time. */
export const OPEN: State = { kind: 'open' };
export const CLOSED: State = { kind: 'closed' };
