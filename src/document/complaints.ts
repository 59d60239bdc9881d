import type { Complaint } from './shape.js';

/**
 * What is wrong with one file. The checks come one after the other, and once for each row of a matrix; where one has complained, the
 * later ones are not heard: they would say the same again, or what follows from it.
 */
export class Complaints {
  readonly #all: Complaint[] = [];
  #told: ReadonlySet<string> = new Set();
  #suffix = '';

  /** Begins the next check; `suffix` is put behind its messages. */
  begin(suffix = ''): void {
    this.#told = new Set(this.#all.map(key));
    this.#suffix = suffix;
  }

  add(complaint: Complaint): void {
    if (this.#told.has(key(complaint))) return;
    this.#all.push({ ...complaint, message: complaint.message + this.#suffix });
  }

  get areNone(): boolean {
    return this.#all.length === 0;
  }

  /** In the order of the file. */
  sorted(): readonly Complaint[] {
    return this.#all.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  }
}

function key({ place }: Complaint): string {
  return `${place.line}:${place.column}`;
}
