import { spawn, spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { environment, type RunningWsn, type RunOptions, WSN, watchProcess } from './wsn.js';

/** Runs `wsn` with `args` on a terminal of 100 columns and 30 rows; `stdout` is all that the terminal was sent, `stdin` its keyboard. */
export type SpawnOnTerminal = (args: readonly string[], env?: RunOptions['env']) => RunningWsn;

/** The program that runs another one on a pseudo-terminal. */
const SCRIPT = 'script';

/** The keys that are not a character. */
export const CTRL_C = '\u0003';
export const ENTER = '\r';
export const BACKSPACE = '\u007f';

/** What gives the cursor back. */
export const SHOW_CURSOR = '\u001b[?25h';
export const HIDE_CURSOR = '\u001b[?25l';

/**
 * Tests on a pseudo-terminal, which the `script` of util-linux makes. Where there is none they are skipped, and the
 * run says so; with `CI` set that is an error.
 */
export function describeOnTerminal(title: string, body: (spawnOnTerminal: SpawnOnTerminal) => void): void {
  const { stdout } = spawnSync(SCRIPT, ['--version'], { encoding: 'utf8' });
  if (stdout?.includes('util-linux')) {
    describe(title, () => body(spawnOnTerminal));
    return;
  }
  const missing = "there is no `script` of util-linux on the PATH (apt-get install bsdutils); another system's takes other options";
  if (process.env.CI) throw new Error(`${title}: ${missing}`);
  process.stderr.write(`skipped "${title}": ${missing}\n`);
  describe.skip(title, () => body(spawnOnTerminal));
}

const spawnOnTerminal: SpawnOnTerminal = (args, env = {}) => {
  const command = [process.execPath, WSN, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn(SCRIPT, ['-qfec', `stty cols 100 rows 30; exec ${command}`, '/dev/null'], {
    env: { ...environment({ TERM: 'xterm-256color', ...env }), SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return watchProcess(child);
};

/** What was sent to the terminal without the sequences that move its cursor or change its colours. */
export function plain(screen: string): string {
  // biome wants no control characters in a pattern, and this is about them.
  return screen.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g'), '');
}
