/** Counts what is on its way of one peer, so that what it sends next can wait for it. */
export class Settling {
  #underWay = 0;
  #waiting: (() => void)[] = [];

  get isOver(): boolean {
    return this.#underWay === 0;
  }

  begun(): void {
    this.#underWay++;
  }

  settled(): void {
    this.#underWay--;
    if (this.#underWay > 0 || this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const act of waiting) act();
  }

  /** As `after`, and before all that waits for it. */
  first(act: () => void): void {
    if (this.isOver) act();
    else this.#waiting.unshift(act);
  }

  /** Has `act` called when nothing is on its way any more: now, if nothing is. */
  after(act: () => void): void {
    if (this.isOver) act();
    else this.#waiting.push(act);
  }
}
