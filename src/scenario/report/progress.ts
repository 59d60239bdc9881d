import type { CaseResult } from '../result.js';
import type { ReportStyle } from './report-style.js';
import { isFailure, nameOf } from './wording.js';

/** Counts cases as they end, for a line that shows how far a run is. */
export class RunProgress {
  readonly #all: number;
  #done = 0;
  #failed = 0;
  #latest = '';

  /** @param all how many cases will be run, each repetition counted. */
  constructor(all: number) {
    this.#all = all;
  }

  add(result: CaseResult): void {
    this.#done++;
    if (isFailure(result)) this.#failed++;
    this.#latest = nameOf(result);
  }

  /** `142/310 · 1 failed · match/list-against-scalar#2`, in one line of the terminal. */
  line({ pen, safe, columns }: ReportStyle): string {
    const count = `${this.#done}/${this.#all}`;
    const failed = `${this.#failed} failed`;
    const room = Math.max(0, columns - count.length - failed.length - 7);
    const latest = safe(this.#latest).slice(0, room);
    return [pen.bold(count), this.#failed > 0 ? pen.red(failed) : pen.dim(failed), pen.dim(latest)].join(' · ');
  }
}
