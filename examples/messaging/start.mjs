// Starts the example: a broker, a REST API in PHP with its worker, and a page. They all end with this process.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

let isEnding = false;
const started = startAll().catch((error) =>
  end(error instanceof CannotStart ? error.message : `this program has a mistake: ${error.stack}`),
);
const why = await ended;
isEnding = true;
await processes.endAll();
// What is being made is not left behind.
await started;
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
  if (isEnding) return;
  await buildPage(page);
  if (isEnding) return;
  const data = choices.data === undefined ? await temporaryFolder() : resolve(choices.data);
  if (isEnding) return;
  await mkdir(data, { recursive: true });
  // The broker wants to know where the page is, and the API where the broker is: it hears it through a file.
  const settings = join(page, 'settings.json');
  const env = { MESSAGING_SETTINGS: settings };
  const url = await serveApi(processes, { port: choices.port, env });
  const origins = [url, url.replace('127.0.0.1', 'localhost')];
  const broker = await startBroker(processes, { port: choices.brokerPort, folder: join(data, 'broker'), origins });
  const [forApi, forPage] = ['http', 'ws'].map((scheme) => `${scheme}://127.0.0.1:${broker.port}`);
  await writeFile(settings, JSON.stringify({ database: join(data, 'messages.sqlite'), broker: forApi, pageBroker: forPage, page }));
  await startWorker(processes, env);
  if (isEnding) return;
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
