import { countValues, type GrantList, type Json, type Topic } from '../../src/protocol/index.js';
import { Effort } from '../../src/server/effort.js';
import { Granted } from '../../src/server/granted.js';
import { History } from '../../src/server/history.js';

/** A history that keeps so many notifications of a topic. */
export function newHistory(historyNotifications = 10_000): History {
  return new History({ historyNotifications, historyAgeMs: 60_000, historyBytes: 1_000_000_000 });
}

/** Opens a topic with one notification for each of `values`, at the offsets from 1 of epoch `e`. */
export function fill(history: History, topic: Topic, values: readonly Json[]): History {
  history.open(topic, { epoch: 'e', offset: 0 });
  for (const [index, value] of values.entries()) {
    const payload = Buffer.from(`{ "package":"p", "page":"q", "filters":{"values":${JSON.stringify(value)}} }`);
    const filters = { values: value };
    const position = { epoch: 'e', offset: index + 1 };
    history.add({ topic, filters, values: countValues(filters), payload, position, at: performance.now(), sequence: 0 });
  }
  return history;
}

/** What one message of a peer with these grants may take. */
export function means(grants: GrantList): { readonly granted: Granted; readonly effort: Effort } {
  const effort = new Effort();
  return { granted: new Granted(grants, effort), effort };
}
