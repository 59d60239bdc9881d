/**
 * Silence after which a line is dead, in heartbeats: two marks were missed, and half a beat is for the way.
 * JavaScript in a browser sees no pings, so messages are all that tells a quiet line from a dead one.
 */
const BEATS = 2.5;

/** How long the answer to a question may take, in ms: a phone that wakes up needs a second or two to have its network back. */
const ANSWER_MS = 5000;

/** Watches that messages keep coming; calls back once when they do not. */
export class LifeSign {
  readonly #limitMs: number;
  readonly #onSilence: (because: string) => void;
  #heardAt = Date.now();
  /** When a sign of life was asked for that has not come. */
  #askedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param heartbeatMs how often the broker promises a message; 0: it promises nothing, and only answers are waited for. */
  constructor(heartbeatMs: number, onSilence: (because: string) => void) {
    this.#limitMs = heartbeatMs * BEATS || Number.POSITIVE_INFINITY;
    this.#onSilence = onSilence;
    this.#look();
  }

  heard(): void {
    this.#heardAt = Date.now();
    this.#askedAt = undefined;
  }

  /** Something is sent that is answered at once by whoever is there. @returns false where an answer is waited for already. */
  asks(): boolean {
    if (this.#askedAt !== undefined) return false;
    this.#askedAt = Date.now();
    this.stop();
    this.#look();
    return true;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get #dueAt(): number {
    return Math.min(this.#heardAt + this.#limitMs, (this.#askedAt ?? Number.POSITIVE_INFINITY) + ANSWER_MS);
  }

  /** One timer that looks again, not one that every message sets anew: a busy line has thousands of them a second. */
  #look(): void {
    const inMs = this.#dueAt - Date.now();
    if (inMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => {
      const now = Date.now();
      if (now < this.#dueAt) this.#look();
      else this.#onSilence(`nothing heard for ${Math.round((now - this.#heardAt) / 100) / 10} s`);
    }, inMs);
  }
}
