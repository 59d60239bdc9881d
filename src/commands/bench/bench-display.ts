import { liveLine } from '../../bench/report/live-line.js';
import { liveScreen } from '../../bench/report/live-screen.js';
import type { Progress } from '../../bench/result/progress.js';
import { coloursFor } from '../terminal/colours.js';

/** Shows on stderr how far a run is. */
export interface BenchDisplay {
  update(progress: Progress): void;
  /** Names the run that begins, where it is one of several. */
  title(text: string): void;
  /** A line that stays. */
  tell(line: string): void;
  /** Takes the screen away; lines stay. Idempotent. */
  end(): void;
}

/** Where it is shown: stderr, or what stands for it. */
export type DisplayStream = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'> & { readonly isTTY?: boolean };

/** At most ten redraws a second. */
const REDRAW_EVERY_MS = 100;

/** Where there is no terminal: a line this often, and one at each new phase. */
const LINE_EVERY_MS = 10_000;

/** A screen that is drawn again in place on a terminal that can do so, else now and then a line. */
export async function openBenchDisplay(stream: DisplayStream, color: boolean): Promise<BenchDisplay> {
  return stream.isTTY === true && process.env.TERM !== 'dumb' ? await screenOn(stream as NodeJS.WriteStream, color) : linesOn(stream);
}

async function screenOn(stream: NodeJS.WriteStream, color: boolean): Promise<BenchDisplay> {
  const [{ createLogUpdate }, pen] = await Promise.all([import('log-update'), coloursFor(stream, color)]);
  const region = createLogUpdate(stream);
  let title: string | undefined;
  let latest: Progress | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let scheduled: NodeJS.Timeout | undefined;
  let isOver = false;
  const draw = () => {
    scheduled = undefined;
    drawnAt = performance.now();
    if (latest !== undefined) region(liveScreen(latest, { pen, columns: stream.columns || 80, rows: stream.rows || 24, title }));
  };
  return {
    update(progress) {
      latest = progress;
      if (!isOver) scheduled ??= setTimeout(draw, Math.max(0, drawnAt + REDRAW_EVERY_MS - performance.now()));
    },
    title(text) {
      title = text;
    },
    tell(line) {
      if (!isOver) region.clear();
      stream.write(`${line}\n`);
    },
    end() {
      if (isOver) return;
      isOver = true;
      clearTimeout(scheduled);
      region.clear();
      region.done(); // shows the cursor again
    },
  };
}

function linesOn(stream: DisplayStream): BenchDisplay {
  let title: string | undefined;
  let phase: string | undefined;
  let shownAt = 0;
  return {
    update(progress) {
      const now = performance.now();
      if (progress.phase === phase && now - shownAt < LINE_EVERY_MS) return;
      phase = progress.phase;
      shownAt = now;
      stream.write(`${liveLine(progress, title)}\n`);
    },
    title(text) {
      title = text;
      phase = undefined;
    },
    tell: (line) => void stream.write(`${line}\n`),
    end() {},
  };
}
