/**
 * Silence after which a line is dead, in heartbeats: two marks were missed, and half a beat is for the way.
 * JavaScript in a browser sees no pings, so messages are all that tells a quiet line from a dead one.
 */
const BEATS = 2.5;

/** Watches that messages keep coming; calls back once when they do not. */
export class LifeSign {
  readonly #limitMs: number;
  readonly #onSilence: (silentMs: number) => void;
  #heardAt = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param heartbeatMs how often the broker promises a message; 0: it promises nothing, and nothing is watched. */
  constructor(heartbeatMs: number, onSilence: (silentMs: number) => void) {
    this.#limitMs = heartbeatMs * BEATS;
    this.#onSilence = onSilence;
    if (heartbeatMs > 0) this.#look(this.#limitMs);
  }

  heard(): void {
    this.#heardAt = Date.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** One timer that looks again, not one that every message sets anew: a busy line has thousands of them a second. */
  #look(inMs: number): void {
    this.#timer = setTimeout(() => {
      const silentMs = Date.now() - this.#heardAt;
      if (silentMs >= this.#limitMs) this.#onSilence(silentMs);
      else this.#look(this.#limitMs - silentMs);
    }, inMs);
  }
}
