/** What one listener throws is nothing to the others: it becomes an unhandled rejection. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    void Promise.reject(error);
  }
}
