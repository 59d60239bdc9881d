import { spawnSync } from 'node:child_process';

const canPin = new Map();

/**
 * A command that runs on one CPU alone, where the system has `taskset` and that CPU; else the same command as it is.
 * `taskset` becomes the command, so its process id is the command's own.
 * @param {number | undefined} cpu counted from 0
 * @param {readonly string[]} command program and arguments
 * @returns {[program: string, ...args: string[]]}
 */
export function pinned(cpu, command) {
  if (cpu === undefined) return [...command];
  if (!canPin.has(cpu)) canPin.set(cpu, spawnSync('taskset', ['-c', String(cpu), 'true']).status === 0);
  return canPin.get(cpu) ? ['taskset', '-c', String(cpu), ...command] : [...command];
}
