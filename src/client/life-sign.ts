/**
 * Silence after which a line is dead, in heartbeats: two marks were missed, and half a beat is for the way.
 * JavaScript in a browser sees no pings, so messages are all that tells a quiet line from a dead one.
 */
const BEATS = 2.5;

/** How long the answer to a question may take, in ms: a phone that wakes up needs a second or two to have its network back. */
const ANSWER_MS = 5000;

type Timer = ReturnType<typeof setTimeout> | undefined;

/** Watches that messages keep coming; calls back once when they do not. */
export class LifeSign {
  readonly #limitMs: number;
  readonly #onSilence: (because: string) => void;
  #heardAt = Date.now();
  #timer: Timer;
  /** While a sign of life is waited for that was asked for. */
  #asked: Timer;

  /** @param heartbeatMs how often the broker promises a message; 0: it promises nothing, and only answers are waited for. */
  constructor(heartbeatMs: number, onSilence: (because: string) => void) {
    this.#limitMs = heartbeatMs * BEATS;
    this.#onSilence = onSilence;
    if (heartbeatMs > 0) this.#look(this.#limitMs);
  }

  heard(): void {
    this.#heardAt = Date.now();
    clearTimeout(this.#asked);
    this.#asked = undefined;
  }

  /** Something is sent that is answered at once by whoever is there. @returns false where an answer is waited for already. */
  asks(): boolean {
    if (this.#asked !== undefined) return false;
    this.#asked = setTimeout(() => this.#silent(), ANSWER_MS);
    return true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#asked);
  }

  /** One timer that looks again, not one that every message sets anew: a busy line has thousands of them a second. */
  #look(inMs: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#heardAt + this.#limitMs - Date.now();
      if (leftMs > 0) this.#look(leftMs);
      else this.#silent();
    }, inMs);
  }

  #silent(): void {
    this.#onSilence(`nothing heard for ${Math.round((Date.now() - this.#heardAt) / 100) / 10} s`);
  }
}
