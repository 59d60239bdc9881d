/**
 * Tells a client that now is a good moment to look after its connection: one that waits connects at once, one that is open asks the broker
 * for a sign of life.
 * @param wake to be called at such moments, as often as one likes.
 * @returns what ends it, leaving nothing behind.
 */
export type WakeSource = (wake: () => void) => () => void;

/** The part of a window and of its document that is used here. */
interface EventTargetLike {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** React Native's `AppState`, as far as it is used here. */
export interface AppStateLike {
  addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
}

/** When the network goes or comes back, and when a page is shown again; does nothing where there is no such thing. */
export function browserWake(): WakeSource {
  return (wake) => {
    const page = globalThis as EventTargetLike & { readonly document?: EventTargetLike & { readonly hidden: boolean } };
    const { document } = page;
    const shown = () => document?.hidden || wake();
    const listen = (how: 'addEventListener' | 'removeEventListener') => {
      // Offline, too: the line that it takes away says nothing of it.
      for (const type of ['online', 'offline', 'pageshow']) page[how]?.(type, wake);
      document?.[how]?.('visibilitychange', shown);
    };
    listen('addEventListener');
    return () => listen('removeEventListener');
  };
}

/**
 * When an app of React Native comes to the foreground.
 * @param appState `AppState` of `react-native`.
 */
export function appStateWake(appState: AppStateLike): WakeSource {
  return (wake) => {
    const listener = appState.addEventListener('change', (state) => {
      if (state === 'active') wake();
    });
    return () => listener.remove();
  };
}
