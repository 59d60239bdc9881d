import type { CaseResult } from '../result.js';
import type { Case } from '../scenario.js';
import type { ReportStyle } from './report-style.js';
import { chapterOf, isFailure } from './wording.js';

/** How far each chapter of a run is. */
export class ChapterCounts {
  readonly #chapters = new Map<string, Chapter>();

  /** @param repeat how often each case is run. */
  constructor(cases: readonly Case[], repeat: number) {
    const names = cases.map((one) => chapterOf({ case: one }));
    const width = Math.max(0, ...names.map((name) => name.length));
    for (const name of new Set(names)) {
      this.#chapters.set(name, new Chapter(name, { width, planned: names.filter((other) => other === name).length * repeat }));
    }
  }

  /** @returns the chapter of the result when this was its last. */
  add(result: CaseResult): Chapter | undefined {
    const chapter = this.#chapters.get(chapterOf(result));
    chapter?.add(result);
    return chapter?.isDone ? chapter : undefined;
  }

  /** Chapters of which something has been run, but not all. */
  unfinished(): readonly Chapter[] {
    return [...this.#chapters.values()].filter((chapter) => chapter.isBegun && !chapter.isDone);
  }
}

/** One chapter: its cases that have ended, by how they did. */
class Chapter {
  readonly #name: string;
  readonly #width: number;
  readonly #planned: number;
  readonly #counts = { passed: 0, failed: 0, noted: 0, expected: 0, unexpected: 0, skipped: 0 };
  #done = 0;

  constructor(name: string, { width, planned }: { readonly width: number; readonly planned: number }) {
    this.#name = name;
    this.#width = width;
    this.#planned = planned;
  }

  get isBegun(): boolean {
    return this.#done > 0;
  }

  get isDone(): boolean {
    return this.#done === this.#planned;
  }

  add(result: CaseResult): void {
    this.#done++;
    const { kind } = result.outcome;
    if (kind === 'failed') this.#counts[isFailure(result) ? 'failed' : 'noted']++;
    else if (kind === 'expected-failure') this.#counts.expected++;
    else if (kind === 'unexpected-pass') this.#counts.unexpected++;
    else this.#counts[kind]++;
  }

  /** `match     116 passed, 2 failed`. */
  line({ pen, safe }: ReportStyle): string {
    const { passed, failed, noted, expected, unexpected, skipped } = this.#counts;
    const parts = [
      `${String(passed).padStart(5)} passed`,
      ...(failed > 0 ? [pen.red(`${failed} failed`)] : []),
      ...(noted > 0 ? [pen.yellow(`${noted} failed of level info`)] : []),
      ...(expected > 0 ? [pen.yellow(`${expected} failed as expected`)] : []),
      ...(unexpected > 0 ? [pen.yellow(`${unexpected} passed unexpectedly`)] : []),
      ...(skipped > 0 ? [pen.dim(`${skipped} skipped`)] : []),
      ...(this.isDone ? [] : [pen.yellow(`${this.#planned - this.#done} not run`)]),
    ];
    return `${pen.bold(safe(this.#name).padEnd(this.#width))} ${parts.join(', ')}`;
  }
}
