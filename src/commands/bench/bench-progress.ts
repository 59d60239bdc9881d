import { type Progress, progressBar, progressLine } from '../../bench/index.js';
import { coloursFor } from '../terminal/colours.js';

/** Shows how far a run is, on stderr. */
export interface ProgressDisplay {
  update(progress: Progress): void;
  /** Takes the bar away; lines stay. */
  end(): void;
}

/** Where stderr is no terminal: a line this often, and one at each new phase. */
const LINE_EVERY_MS = 5000;

/** A bar that is drawn again in place on a terminal, else now and then a line. */
export async function showProgress(subscribers: number, color: boolean): Promise<ProgressDisplay> {
  return process.stderr.isTTY ? showBar(subscribers, color) : showLines(subscribers);
}

async function showBar(subscribers: number, color: boolean): Promise<ProgressDisplay> {
  const [{ createLogUpdate }, pen] = await Promise.all([import('log-update'), coloursFor(process.stderr, color)]);
  const region = createLogUpdate(process.stderr);
  return {
    update: (progress) => region(progressBar(progress, subscribers, { pen, columns: process.stderr.columns || 80 })),
    end() {
      region.clear();
      region.done(); // shows the cursor again
    },
  };
}

function showLines(subscribers: number): ProgressDisplay {
  let phase: string | undefined;
  let shownAt = 0;
  return {
    update(progress) {
      const now = performance.now();
      if (progress.phase === phase && now - shownAt < LINE_EVERY_MS) return;
      phase = progress.phase;
      shownAt = now;
      process.stderr.write(`${progressLine(progress, subscribers)}\n`);
    },
    end() {},
  };
}
