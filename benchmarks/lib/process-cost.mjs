import { readdirSync, readFileSync } from 'node:fs';

/** Of a "tick" in /proc/PID/stat; 100 a second on every Linux of today, whatever the kernel's own timer is. */
const TICK_MS = 10;

/**
 * CPU time that all threads of a process have had so far, user and system together, in milliseconds. It is exact to the
 * nanosecond where the kernel keeps scheduler statistics, else to 10 ms: measure over a second or more.
 * @param {number} pid
 * @throws when there is no such process, or the system is not Linux.
 */
export function cpuMs(pid) {
  if (exactMs(`/proc/${pid}/task/${pid}/schedstat`) === 0) return ticks(pid) * TICK_MS;
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) sum += exactMs(`/proc/${pid}/task/${thread}/schedstat`);
  return sum;
}

/**
 * Memory of a process that is in RAM, in bytes; buffers that the kernel keeps for its sockets are not in it.
 * @param {number} pid
 * @throws when there is no such process, or the system is not Linux.
 */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** 0 where the kernel does not count, and for a thread that has just ended. */
function exactMs(file) {
  try {
    return Number(readFileSync(file, 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    return 0;
  }
}

function ticks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program comes first, in parentheses, and may hold anything; user and system time are fields 14 and 15 of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
