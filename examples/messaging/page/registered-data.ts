import type { Data } from './notifications.js';

/** So every subscription knows what the `data` of its notifications is. */
declare module 'wsn/client' {
  interface Register {
    readonly data: Data;
  }
}
