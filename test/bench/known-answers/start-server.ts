import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Counts } from '../../../src/bench/result/result.js';

/** What the server did, by its own account. */
export interface Ledger {
  /** Notifications that were no part of the load: canaries, and what was published to try. */
  readonly others: number;
  readonly stall: { readonly beganMs: number; readonly lastedMs: number } | null;
  readonly notifications: readonly Entry[];
}

/** What became of the deliveries of one notification of the load. */
export interface Entry extends Counts {
  readonly index: number;
  readonly channel: number;
  readonly refused: boolean;
  /** By the server's own clock. */
  readonly receivedAtMs: number;
  /** From when the server had it to when it gave it to the first and to the last socket; `null` when it never did. */
  readonly minDelayMs: number | null;
  readonly maxDelayMs: number | null;
}

/** Starts the server with known faults, as a process of its own, with `flags` as its head describes them. Disposal ends it. */
export async function startServer(flags: readonly string[] = []) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('server.mjs', import.meta.url)), ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the server with ${flags.join(' ')} ended early`);
    return JSON.parse(value);
  };
  const { port } = (await next()) as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    pid: child.pid as number,
    /** Ends the server and tells what it did. */
    async ledger(): Promise<Ledger> {
      child.kill('SIGTERM');
      return next();
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
