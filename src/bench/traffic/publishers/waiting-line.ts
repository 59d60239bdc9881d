/** How many places that are free again may stand before the first who waits. */
const MOST_FREED = 1024;

/** Numbers that wait, first come first served; each step takes the same time however many they are. */
export class WaitingLine {
  #numbers: number[] = [];
  #first = 0;

  get length(): number {
    return this.#numbers.length - this.#first;
  }

  push(number: number): void {
    this.#numbers.push(number);
  }

  /** @returns `undefined` when none waits. */
  shift(): number | undefined {
    if (this.length === 0) return undefined;
    const number = this.#numbers[this.#first++];
    if (this.#first >= MOST_FREED && this.#first * 2 >= this.#numbers.length) {
      this.#numbers = this.#numbers.slice(this.#first);
      this.#first = 0;
    }
    return number;
  }

  clear(): void {
    this.#numbers = [];
    this.#first = 0;
  }
}
