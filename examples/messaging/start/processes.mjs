import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CannotStart } from './cannot-start.mjs';

/** How long a process may take to end when it is asked to, in ms. */
const GRACE_MS = 2_000;

/** The processes of the example. None outlives this one, unless this one is killed with SIGKILL. */
export class Processes {
  #running = new Set();
  #onDeath;
  #isEnding = false;

  /** @param onDeath called with a line that says which process has ended, and how, when nobody has stopped it. */
  constructor(onDeath) {
    this.#onDeath = onDeath;
    process.on('exit', () => {
      for (const { child } of this.#running) child.kill('SIGKILL');
    });
  }

  /**
   * Starts a process and waits until it is ready.
   * @param command `{ name, file, args, env }`; the name is for messages.
   * @param hear `(line) => ready`, called with each line that it writes. The first value that is not undefined says that it is
   *   ready; it may throw CannotStart.
   * @returns `{ ready, stop(signal) }`: that value, and what ends it; `stop` resolves when it is gone.
   */
  async start({ name, file, args, env = {} }, hear) {
    if (this.#isEnding) throw new CannotStart(`the ${name} is not started any more`);
    // In a group of its own: Ctrl-C in a terminal reaches this process alone, which then ends the others.
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const running = { child, isStopped: false };
    this.#running.add(running);
    child.once('exit', () => this.#running.delete(running));
    try {
      const ready = await whenReady(child, name, hear);
      child.once('exit', (code, signal) => {
        if (!running.isStopped) this.#onDeath(`the ${name} ${howEnded(code, signal)}`);
      });
      if (hasEnded(child)) this.#onDeath(`the ${name} ${howEnded(child.exitCode, child.signalCode)}`);
      return { ready, stop: (signal) => stop(running, signal) };
    } catch (error) {
      await stop(running, 'SIGKILL');
      throw error;
    }
  }

  /** Ends all of them; resolves when they are gone. */
  async endAll() {
    this.#isEnding = true;
    await Promise.all([...this.#running].map((running) => stop(running, 'SIGTERM')));
  }
}

function whenReady(child, name, hear) {
  return new Promise((resolve, reject) => {
    const listen = (line) => {
      try {
        const ready = hear(line);
        if (ready !== undefined) resolve(ready);
      } catch (error) {
        reject(error);
      }
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', listen);
    child.once('error', (error) => reject(new CannotStart(`cannot start the ${name}: ${error.message}`)));
    // After its last line, which may say more.
    child.once('close', (code, signal) => reject(new CannotStart(`the ${name} ${howEnded(code, signal)} before it was ready`)));
  });
}

async function stop(running, signal) {
  running.isStopped = true;
  const { child } = running;
  if (child.pid === undefined || hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(timer);
}

function hasEnded({ exitCode, signalCode }) {
  return exitCode !== null || signalCode !== null;
}

function howEnded(code, signal) {
  return signal === null ? `ended with ${code}` : `was ended by ${signal}`;
}
