import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pinned } from './pinned.mjs';

const WSN = fileURLToPath(new URL('../../dist/bin/wsn.js', import.meta.url));
const NAIVE = fileURLToPath(new URL('../naive-broker.mjs', import.meta.url));
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * A broker in a process of its own that listens on 127.0.0.1.
 * @typedef {object} RunningBroker
 * @property {number} pid
 * @property {number} port
 * @property {string} url
 * @property {() => Promise<void>} stop resolves when the process is gone and its log is removed
 */

/**
 * Starts the built broker as a user would: every option at its default, the log on and written to a file.
 * @param {readonly string[]} args of `wsn serve`, behind `--host` and `--port`
 * @param {{ readonly nodeFlags?: readonly string[], readonly cpu?: number }} options `cpu` to run on alone, counted from 0
 * @returns {Promise<RunningBroker>} once it listens
 * @throws {Error} with its log when it ends or does not listen within 15 s.
 */
export async function startBroker(args = [], { nodeFlags = [], cpu } = {}) {
  const command = [process.execPath, ...nodeFlags, WSN, 'serve', '--host', '127.0.0.1', '--port', '0', ...args];
  return start(pinned(cpu, command));
}

/**
 * Starts the broker that anyone writes in an hour on `ws` (naive-broker.mjs).
 * @param {{ readonly cpu?: number }} options
 * @returns {Promise<RunningBroker>}
 */
export async function startNaive({ cpu } = {}) {
  return start(pinned(cpu, [process.execPath, NAIVE]));
}

async function start([program, ...args]) {
  const folder = mkdtempSync(join(tmpdir(), 'wsn-bench-'));
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: ownEnvironment() });
  closeSync(log);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(kill, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { port } = await listening(child, logFile);
    return { pid: child.pid, port, url: `ws://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Options that are set in the environment are meant for another broker. */
function ownEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WSN_')));
}

/** Both brokers say where they listen in a line of JSON, at every log level. */
async function listening(child, logFile) {
  for (
    const end = Date.now() + START_TIMEOUT_MS;
    Date.now() < end && child.exitCode === null && child.signalCode === null;
    await sleep(20)
  ) {
    const line = readFileSync(logFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .find((text) => text.includes('"listening"'));
    if (line !== undefined) return JSON.parse(line);
  }
  throw new Error(`expected a broker that listens, found none; build first (npm run build). It said:\n${readFileSync(logFile, 'utf8')}`);
}
