/**
 * Calls `then` when the signal aborts. React Native's signals have neither `throwIfAborted` nor options of listeners.
 * @returns what takes the listener away.
 */
export function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  signal?.addEventListener('abort', then);
  return () => signal?.removeEventListener('abort', then);
}

/** Why a signal has aborted; React Native's do not tell. */
export function abortReason(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? new Error('aborted');
}
