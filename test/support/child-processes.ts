import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The command lines of the processes that a process has started, by their ids. */
export function childrenOf(pid: number): ReadonlyMap<number, string> {
  const list = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(list)) return fromPs(pid);
  const pids = readFileSync(list, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return new Map(pids.map((child) => [child, readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' ')]));
}

/** Whether a process is there. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Where there is no /proc, as on macOS. */
function fromPs(parent: number): ReadonlyMap<number, string> {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  const found = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((match) => match !== null);
  return new Map(found.filter(([, , ppid]) => Number(ppid) === parent).map(([, pid, , args = '']) => [Number(pid), args]));
}
