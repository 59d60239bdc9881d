import type { ChalkInstance } from 'chalk';
import type { Phase, Progress } from './run.js';

const BAR_WIDTH = 12;

const DOING: Record<Phase, string> = {
  connecting: 'connecting',
  'warming-up': 'warming up',
  measuring: 'measuring',
  draining: 'awaiting the last',
};

/** One line that says how far a run is. @param subscribers how many there will be. */
export function progressLine(progress: Progress, subscribers: number): string {
  return pieces(progress, subscribers).join(', ');
}

/** What the line consists of; those at the end matter least. */
function pieces(progress: Progress, subscribers: number): readonly string[] {
  const { phase, connected, sent, planned, delivered, outstanding } = progress;
  if (phase === 'connecting') return [`${DOING[phase]}: ${count(connected)} of ${count(subscribers)} subscribers`];
  return [`${DOING[phase]}: sent ${count(sent)} of ${count(planned)}`, `delivered ${count(delivered)}`, `under way ${count(outstanding)}`];
}

/** The same with a bar before it, for a terminal of `columns`: what does not fit is left out whole, the bar last. */
export function progressBar(progress: Progress, subscribers: number, terminal: { pen: ChalkInstance; columns: number }): string {
  const { phase, connected, sent, planned } = progress;
  const part = phase === 'connecting' ? connected / subscribers : sent / planned;
  const full = Math.round(part * BAR_WIDTH);
  const whole = pieces(progress, subscribers);
  const bar = terminal.pen.cyan('━'.repeat(full)) + terminal.pen.dim('─'.repeat(BAR_WIDTH - full));
  const room = terminal.columns - BAR_WIDTH - 3;
  const left = whole.map((_, index) => whole.slice(0, whole.length - index).join(', '));
  const beside = left.find((line) => line.length <= room);
  if (beside !== undefined) return `${bar}  ${beside}`;
  return left.find((line) => line.length < terminal.columns) ?? DOING[phase].slice(0, Math.max(0, terminal.columns - 1));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
