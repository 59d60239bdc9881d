import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Broker } from '../../../src/server/index.js';

const SCRIPT = fileURLToPath(new URL('./attack.mjs', import.meta.url));

/** A flood from another process, so that what is measured is not what it costs its maker. */
export class Flood implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Begins one. @param kind a name of `attack.mjs`. */
  static async begin(broker: Broker, kind: string, connections: number): Promise<Flood> {
    const child = fork(SCRIPT, [String(broker.port), kind, String(connections)], { execArgv: [] });
    await once(child, 'message');
    return new Flood(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
