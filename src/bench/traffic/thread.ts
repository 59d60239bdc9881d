import { Worker } from 'node:worker_threads';
import { BenchError } from '../bench-error.js';

interface Message {
  readonly kind: string;
}

const OUT_OF_MEMORY = 'a thread of the generator has no memory left; use more --workers, or lower --subscribers, --rate or --duration';

/** A thread of a run, as the main thread sees it. */
export class Thread<To extends Message, From extends Message> implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting: {
    readonly kinds: readonly string[];
    readonly resolve: (message: From) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  /** Rejected when the thread has ended, by itself or by disposal. */
  readonly failed: Promise<never>;
  readonly #ended: Promise<void>;
  #onFailed: (error: Error) => void = () => {};
  #failure: Error | undefined;

  /** @param onMessage told of every message, before whoever awaits it. */
  constructor(file: URL, data: unknown, onMessage: (message: From) => void) {
    this.failed = new Promise((_, reject) => {
      this.#onFailed = reject;
    });
    this.failed.catch(() => {}); // whoever waits for the thread is told
    this.#worker = new Worker(file, { workerData: data });
    this.#worker.on('message', (message: From) => {
      onMessage(message);
      const at = this.#waiting.findIndex(({ kinds }) => kinds.includes(message.kind));
      if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message);
    });
    this.#worker.on('error', (error) => this.#fail(isOutOfMemory(error) ? new BenchError('machine', OUT_OF_MEMORY) : error));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#fail(new Error(`a thread of the generator ended by itself, with code ${code}`));
        resolve();
      });
    });
  }

  tell(message: To): void {
    this.#worker.postMessage(message);
  }

  /**
   * The next message of one of these kinds.
   * @throws Error when the thread has ended.
   */
  next<K extends From['kind']>(...kinds: readonly K[]): Promise<Extract<From, { kind: K }>> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kinds, resolve: (message) => resolve(message as Extract<From, { kind: K }>), reject });
    });
  }

  /** Waits until the thread has ended by itself, at most so long. */
  async ended(withinMs = 5000): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
  }

  /** Ends the thread and its connections at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error('the run has ended'));
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#onFailed(this.#failure);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

function isOutOfMemory(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
