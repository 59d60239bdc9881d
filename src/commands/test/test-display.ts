import { type ReportStyle, RunProgress } from '../../scenario/report/index.js';
import type { CaseResult } from '../../scenario/result.js';
import { coloursFor } from '../terminal/colours.js';
import { escapeText } from '../terminal/escape-text.js';

/** Where a run is shown: the report on stdout, how far it is on stderr where that is a terminal. */
export interface TestDisplay {
  /** How text on stdout is written. */
  readonly style: ReportStyle;
  /** Lines of the report. */
  write(lines: readonly string[]): void;
  /** A case has ended. */
  advance(result: CaseResult): void;
  /** Takes the line of progress away. Idempotent. */
  end(): void;
}

/** Width of a report that is not read in a terminal, as in a CI log. */
const COLUMNS = 140;

/** @param all how many cases will be run, each repetition counted. */
export async function openDisplay(all: number, color: boolean): Promise<TestDisplay> {
  const columns = (process.stdout.isTTY && process.stdout.columns) || COLUMNS;
  const style = { pen: await coloursFor(process.stdout, color), safe: escapeText, columns };
  return process.stderr.isTTY ? liveDisplay(style, all, color) : plainDisplay(style);
}

function plainDisplay(style: ReportStyle): TestDisplay {
  return { style, write: print, advance() {}, end() {} };
}

/** Lines scroll by above a line of progress; many ends in one turn of the event loop draw it once. */
async function liveDisplay(style: ReportStyle, all: number, color: boolean): Promise<TestDisplay> {
  const [{ createLogUpdate }, pen] = await Promise.all([import('log-update'), coloursFor(process.stderr, color)]);
  const region = createLogUpdate(process.stderr);
  const progress = new RunProgress(all);
  let scheduled: NodeJS.Immediate | undefined;
  let isOver = false;
  const draw = () => {
    scheduled = undefined;
    if (!isOver) region(progress.line({ pen, safe: escapeText, columns: process.stderr.columns || 80 }));
  };
  return {
    style,
    write(lines) {
      if (!isOver) region.clear();
      print(lines);
      if (!isOver) scheduled ??= setImmediate(draw);
    },
    advance(result) {
      progress.add(result);
      scheduled ??= setImmediate(draw);
    },
    end() {
      if (isOver) return;
      isOver = true;
      if (scheduled) clearImmediate(scheduled);
      region.clear();
      region.done(); // shows the cursor again
    },
  };
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}
