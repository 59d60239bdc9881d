import { readFileSync } from 'node:fs';

/** How many files this process may have open, sockets too; `undefined` where the system does not tell (only Linux does). */
export function openFileLimit(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** How many files a run with so many subscribers has open at most: each has one, publishers and the rest come to these. */
export function filesNeeded(subscribers: number): number {
  return subscribers + 320;
}
