import type { ClientStats } from './client-options.js';
import type { ClientState } from './client-state.js';
import { guarded } from './guarded.js';

/** State and statistics of one moment. */
export interface ClientSnapshot {
  readonly state: ClientState;
  readonly stats: ClientStats;
}

/** State and statistics in the shape that stores have (React's `useSyncExternalStore`, Svelte, Vue); its functions need no `this`. */
export interface ClientStore {
  /** The same object until something has changed. */
  readonly getSnapshot: () => ClientSnapshot;
  /**
   * Calls back after each change.
   * @returns what ends that.
   */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A store, and what tells it that something has changed. */
export function createStore(read: () => ClientSnapshot): readonly [store: ClientStore, changed: () => void] {
  const listeners = new Set<{ readonly listener: () => void }>();
  let snapshot: ClientSnapshot | undefined;
  const store: ClientStore = {
    getSnapshot() {
      snapshot ??= read();
      return snapshot;
    },
    subscribe(listener) {
      const entry = { listener }; // the same function may be given twice
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
  const changed = () => {
    snapshot = undefined;
    for (const { listener } of [...listeners]) guarded(listener);
  };
  return [store, changed];
}
