/** Values that may be compared: about a tenth of a second. */
const MOST_WORK = 1_000_000;

/** What may still be compared for what one message brings of the past, in all its topics together. */
export class Effort {
  #left = MOST_WORK;

  /** Whether it was too much: nothing more is to be compared. */
  get isOver(): boolean {
    return this.#left < 0;
  }

  /** @param work in values that are looked at, or something that costs as much. */
  spend(work: number): void {
    this.#left -= work;
  }
}
