import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pinned } from './pinned.mjs';

/**
 * Starts a module in a process of its own that answers with `serveCalls`.
 * @param {URL} module
 * @param {{ readonly cpu?: number }} options `cpu` to run on alone, counted from 0
 * @returns what calls it: each call resolves with its answer or throws its error; `stop` ends the process.
 */
export function startWorker(module, { cpu } = {}) {
  const [program, ...args] = pinned(cpu, [process.execPath, fileURLToPath(module)]);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit');
  return {
    async call(name, argument) {
      const answer = once(child, 'message');
      child.send({ name, argument });
      const [{ result, error }] = await Promise.race([answer, ended.then(() => [{ error: `${args.at(-1)} ended during "${name}"` }])]);
      if (error !== undefined) throw new Error(error);
      return result;
    },
    async stop() {
      kill();
      await ended;
      process.off('exit', kill);
    },
  };
}

/**
 * The other end: serves calls one after the other, each by the function of its name.
 * @param {Readonly<Record<string, (argument: any) => unknown>>} functions
 */
export function serveCalls(functions) {
  process.on('message', async ({ name, argument }) => {
    try {
      process.send({ result: await functions[name](argument) });
    } catch (error) {
      process.send({ error: error.message });
    }
  });
  process.once('disconnect', () => process.exit());
}
