// Starts the example: a broker, a REST API in PHP with its worker, and a page. They all end with this process.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildPage } from './start/build-page.mjs';
import { CannotStart } from './start/cannot-start.mjs';
import { HELP, readChoices } from './start/choices.mjs';
import { Processes } from './start/processes.mjs';
import { startBroker } from './start/run-broker.mjs';
import { requirePhp, serveApi, startWorker } from './start/run-php.mjs';
import { say } from './start/say.mjs';

/** What is made for this run alone, and removed at its end. */
const temporary = [];
/** Ends the example: with nothing to say, or with what went wrong. The first one counts. */
let end;
const ended = new Promise((resolve) => {
  end = resolve;
});
const processes = new Processes((why) => end(`${why}: the others are ended, too`));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(undefined));

startAll().catch((error) => end(error instanceof CannotStart ? error.message : `this program has a mistake: ${error.stack}`));
const why = await ended;
await processes.endAll();
await Promise.all(temporary.map((folder) => rm(folder, { recursive: true, force: true })));
if (why !== undefined) process.stderr.write(`${why}\n`);
process.exit(why === undefined ? 0 : 1);

async function startAll() {
  const choices = readChoices(process.argv.slice(2), process.env);
  if (choices.isHelp) {
    say(HELP);
    return end(undefined);
  }
  requirePhp();
  const page = await temporaryFolder();
  await buildPage(page);
  const data = choices.data === undefined ? await temporaryFolder() : resolve(choices.data);
  await mkdir(data, { recursive: true });
  const broker = await startBroker(processes, { port: choices.brokerPort, folder: join(data, 'broker') });
  const env = {
    MESSAGING_DATABASE: join(data, 'messages.sqlite'),
    MESSAGING_BROKER: `http://127.0.0.1:${broker.port}`,
    MESSAGING_PAGE_BROKER: `ws://127.0.0.1:${broker.port}`,
    MESSAGING_PAGE: page,
  };
  const url = await serveApi(processes, { port: choices.port, env });
  await startWorker(processes, env);
  say(`the example runs at ${url}: open it in two windows`);
  say('b and Enter kills the broker, and starts it again · Ctrl-C ends all');
  let last = Promise.resolve();
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === 'b') last = last.then(() => broker.toggle()).catch(({ message }) => end(message));
  });
}

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'wsn-messaging-'));
  temporary.push(folder);
  return folder;
}
