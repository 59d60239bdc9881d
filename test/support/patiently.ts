import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes that is not stuck, on a machine with much else to do. */
const PATIENCE_MS = 20_000;

/** Asks again every few ms until it is so; rejects after 20 s. */
export async function patiently(ask: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!ask()) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS / 1000} s for ${what}`);
    await sleep(5);
  }
}
