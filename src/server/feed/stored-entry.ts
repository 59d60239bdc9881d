import { type JsonObject, membersOf, type Notification, type Position, type Topic } from '../../protocol/index.js';
import type { Entry } from '../entry.js';

/** An entry that was read from the log: its filters are read when somebody asks for them, for most are never asked. */
export class StoredEntry implements Entry {
  readonly topic: Topic;
  readonly values: number;
  readonly payload: Buffer;
  readonly position: Position;
  readonly at: number;
  readonly sequence: number;
  #filters: JsonObject | undefined;

  constructor(entry: Omit<Entry, 'filters'>) {
    this.topic = entry.topic;
    this.values = entry.values;
    this.payload = entry.payload;
    this.position = entry.position;
    this.at = entry.at;
    this.sequence = entry.sequence;
  }

  get filters(): JsonObject {
    this.#filters ??= membersOf((JSON.parse(this.payload.toString('utf8')) as Notification).filters);
    return this.#filters;
  }
}
