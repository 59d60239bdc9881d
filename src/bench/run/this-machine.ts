import { cpus, totalmem } from 'node:os';
import type { Machine } from '../result/result.js';

/** What a result says of the machine that it was measured on. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}
