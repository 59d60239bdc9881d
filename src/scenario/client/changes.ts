/** Tells those who wait that something has come, so that they look again. */
export class Changes {
  readonly #watchers = new Set<() => void>();

  /** Something has changed: everybody looks. */
  tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /**
   * Waits until `look` finds something, looking at once and after each change.
   * @param isOver whether nothing can change any more; it is asked after a look that found nothing.
   * @returns `undefined` when the time is up, or when it is over.
   * @throws what `look` throws.
   */
  async until<T>(
    look: () => T | undefined,
    { timeoutMs, isOver }: { readonly timeoutMs: number; readonly isOver: () => boolean },
  ): Promise<T | undefined> {
    const first = look();
    if (first !== undefined || isOver()) return first;
    return new Promise<T | undefined>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        act();
      };
      const watcher = () => {
        try {
          const found = look();
          if (found !== undefined || isOver()) settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const timer = setTimeout(() => settle(() => resolve(undefined)), timeoutMs);
      this.#watchers.add(watcher);
    });
  }
}
