// Runs a command while every core is kept busy by somebody else: `node tools/under-load.mjs npx wsn test --repeat 20`.
// What waits for times instead of events fails here and nowhere else. Ends with the exit code of the command.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write('usage: node tools/under-load.mjs COMMAND [ARGUMENT...]\n');
  process.exit(2);
}

const busy = Array.from({ length: availableParallelism() }, () => new Worker('for (;;);', { eval: true }));
const child = spawn(program, args, { stdio: 'inherit' });
const code = await new Promise((resolve) => {
  child.once('error', (error) => {
    process.stderr.write(`cannot run ${program}: ${error.message}\n`);
    resolve(2);
  });
  child.once('exit', (exitCode) => resolve(exitCode ?? 1));
});
await Promise.all(busy.map((worker) => worker.terminate()));
process.exitCode = code;
