/** What is kept at least, and at most twice: taking away the first of a long array is not free, so it is done in large steps. */
const LIMITS: Limits = { lines: 10_000, characters: 32 * 1024 * 1024 };

interface Limits {
  readonly lines: number;
  readonly characters: number;
}

/** Lines that wait while the output is paused or a question is open: the latest ones, up to a bound. */
export class HeldLines<Line extends { readonly text: string }> {
  readonly #limits: Limits;
  #lines: Line[] = [];
  #characters = 0;
  #dropped = 0;

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
  }

  /** How many came, with those that were dropped. */
  get count(): number {
    return this.#lines.length + this.#dropped;
  }

  add(line: Line): void {
    this.#lines.push(line);
    this.#characters += line.text.length;
    const { lines, characters } = this.#limits;
    if (this.#lines.length >= lines * 2 || this.#characters >= characters * 2) this.#drop();
  }

  /** Takes all that wait, oldest first, and how many older ones were dropped. */
  takeAll(): { readonly lines: readonly Line[]; readonly dropped: number } {
    const taken = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#characters = 0;
    this.#dropped = 0;
    return taken;
  }

  /** Keeps the latest lines that are within both limits, and the very last in any case. */
  #drop(): void {
    const all = this.#lines;
    let first = all.length;
    let characters = 0;
    do {
      first--;
      characters += all[first]?.text.length ?? 0;
    } while (
      first > 0 &&
      all.length - first < this.#limits.lines &&
      characters + (all[first - 1]?.text.length ?? 0) <= this.#limits.characters
    );
    this.#lines = all.slice(first);
    this.#characters = characters;
    this.#dropped += first;
  }
}
