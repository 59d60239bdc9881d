/** How long to wait, and what for. */
export interface WaitOptions {
  /** 5,000 by default. */
  readonly timeoutMs?: number;
  /** Names what is awaited, for the error; "a message" by default. */
  readonly what?: string;
}

interface Waiter {
  readonly what: string;
  readonly resolve: (message: string) => void;
  readonly reject: (error: Error) => void;
}

/** Text messages in the order in which they came, for whoever asks for the next. */
export class Inbox {
  readonly #messages: string[] = [];
  readonly #waiters: Waiter[] = [];
  #ended: string | undefined;

  /** Messages that came and that nobody has asked for. */
  get messages(): readonly string[] {
    return this.#messages;
  }

  push(message: string): void {
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve(message);
    else this.#messages.push(message);
  }

  /** Nothing comes any more: who waits gets an error with the reason; messages that are there can still be asked for. */
  end(because: string): void {
    this.#ended ??= because;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error(`awaited ${waiter.what}, but ${this.#ended}`));
  }

  /**
   * The next message.
   * @throws Error that says what was awaited, when nothing came in time or nothing can come.
   */
  next({ timeoutMs = 5000, what = 'a message' }: WaitOptions = {}): Promise<string> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#ended !== undefined) return Promise.reject(new Error(`awaited ${what}, but ${this.#ended}`));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        what,
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new Error(`awaited ${what} for ${timeoutMs} ms, none came`));
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }
}
