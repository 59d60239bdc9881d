/**
 * Calls `then` when the signal aborts. React Native's signals have neither `throwIfAborted` nor options of listeners.
 * @returns what takes the listener away.
 */
export function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  signal?.addEventListener('abort', then);
  return () => signal?.removeEventListener('abort', then);
}
