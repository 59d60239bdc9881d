import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Broker } from '../../../src/server/index.js';

const SCRIPT = fileURLToPath(new URL('./attack.mjs', import.meta.url));

/** A flood from another process, so that what is measured is not what it costs its maker. */
export class Flood implements AsyncDisposable {
  /** On how many connections the attack began. */
  readonly connections: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, connections: number) {
    this.#child = child;
    this.connections = connections;
  }

  /** Begins one. @param kind a name of `attack.mjs`. @throws Error when it cannot begin, as one of an unknown kind. */
  static async begin(broker: Broker, kind: string, connections: number): Promise<Flood> {
    const child = fork(SCRIPT, [String(broker.port), kind, String(connections)], { execArgv: [] });
    const [begun] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [])]);
    if (begun === undefined) throw new Error(`the flood of ${kind} did not begin`);
    return new Flood(child, begun);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
