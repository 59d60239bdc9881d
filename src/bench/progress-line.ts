import type { ChalkInstance } from 'chalk';
import type { Phase, Progress } from './run.js';

const BAR_WIDTH = 24;

const DOING: Record<Phase, string> = {
  connecting: 'connecting',
  'warming-up': 'warming up',
  measuring: 'measuring',
  draining: 'awaiting the last',
};

/** One line that says how far a run is. @param subscribers how many there will be. */
export function progressLine(progress: Progress, subscribers: number): string {
  const { phase, connected, sent, planned, delivered, outstanding } = progress;
  if (phase === 'connecting') return `${DOING[phase]}: ${count(connected)} of ${count(subscribers)} subscribers`;
  return `${DOING[phase]}: sent ${count(sent)} of ${count(planned)}, delivered ${count(delivered)}, under way ${count(outstanding)}`;
}

/** The same with a bar before it, for a terminal of `columns`. */
export function progressBar(progress: Progress, subscribers: number, terminal: { pen: ChalkInstance; columns: number }): string {
  const { phase, connected, sent, planned } = progress;
  const part = phase === 'connecting' ? connected / subscribers : sent / planned;
  const full = Math.round(part * BAR_WIDTH);
  const line = progressLine(progress, subscribers);
  const room = terminal.columns - BAR_WIDTH - 3;
  const bar = terminal.pen.cyan('━'.repeat(full)) + terminal.pen.dim('─'.repeat(BAR_WIDTH - full));
  return room < 20 ? line.slice(0, terminal.columns - 1) : `${bar}  ${line.slice(0, room)}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
