import type { Json, Notification, Position } from '../protocol/index.js';

/** A notification whose data are known; one of which nothing is known may have any or none. */
export type NotificationOf<Data> = [Json | undefined] extends [Data] ? Notification : Omit<Notification, 'data'> & { readonly data: Data };

/** A notification as it came. */
export interface Delivery<Data = Json | undefined> {
  readonly notification: NotificationOf<Data>;
  /** Its place in the order of its topic; with `wsn.v1` only. */
  readonly position?: Position;
  /** The whole message, byte for byte. */
  readonly text: string;
}
