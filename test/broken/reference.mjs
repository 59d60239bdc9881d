/**
 * A broker that was written from the protocol alone, as somebody's rewrite would be; with `--break NAME` it makes one
 * plausible mistake. It is what `wsn test` is tested against:
 *   node test/broken/reference.mjs PORT [--break NAME]... [--list] [some options of wsn serve]
 */
import { createServer } from 'node:http';
import { speakBase } from './base.mjs';
import { Broker } from './broker.mjs';
import { Connection } from './connection.mjs';
import { shakeHands } from './handshake.mjs';
import { answerHttp } from './http.mjs';
import { breakIt, broken, chapters } from './mistakes/index.mjs';
import { Session } from './session.mjs';
import { settings } from './settings.mjs';
import { speakV1 } from './v1.mjs';
import { greet } from './v1-answers.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (settings.list) list();
else serve();

function list() {
  for (const [chapter, mistakes] of Object.entries(chapters)) {
    for (const [name, sentence] of Object.entries(mistakes)) process.stdout.write(`${name}\t${chapter}\t${sentence}\n`);
  }
}

function serve() {
  const { port, breaks } = settings;
  for (const name of breaks) if (!breakIt(name)) giveUp(`No mistake is called ${name}; --list tells the names.`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) giveUp('Expected a port: node reference.mjs PORT [--break NAME]... [--list]');
  const broker = new Broker();
  let draining = false;
  const timeouts = { headersTimeout: settings.handshakeMs, requestTimeout: 60_000, connectionsCheckingInterval: 100 };
  const server = createServer(timeouts, (request, response) => answerHttp(request, response, { broker, isDraining: () => draining }));
  server.on('upgrade', (request, socket, head) => {
    const dialect = shakeHands(request, socket, { draining: draining && !broken('drain-handshakes-taken') });
    if (dialect !== undefined) open({ request, socket, head, broker, ...dialect });
  });
  server.on('error', (error) => giveUp(`Port ${port}: ${error.message}`));
  server.listen(port, '127.0.0.1', () => process.stderr.write(`Listening on ws://127.0.0.1:${port}\n`));
  const end = () => {
    draining = true;
    drain(broker).then(() => shutDown(server, broker));
  };
  process.once('SIGTERM', end).once('SIGINT', end);
}

function open({ request, socket, head, broker, v1, identity }) {
  const connection = new Connection(socket);
  const { heartbeatMs, firstMessageMs } = settings;
  connection.session = new Session({
    broker,
    connection,
    request,
    v1,
    identity,
    heartbeatMs,
    firstMessageMs,
    speak: v1 ? speakV1 : speakBase,
  });
  if (v1 || broken('hello-to-base')) greet(connection.session);
  if (head.length > 0 && !broken('lose-after-handshake')) connection.feed(head);
  if (head.length > 0 && broken('glue-twice')) connection.feed(head);
}

/** Says goodbye to one after the other, over the time that is set for it; who still waits for it is served. */
async function drain(broker) {
  const { drainMs } = settings;
  if (drainMs === 0) return;
  broker.isDeaf = broken('drain-deaf');
  const sessions = [...broker.sessions];
  if (broken('drain-at-once')) return;
  for (const { connection } of sessions) {
    await wait(drainMs / sessions.length);
    connection.close(1001, 'this broker ends');
  }
}

/** Says goodbye to everybody, waits a second for their answers, and ends the process. */
function shutDown(server, broker) {
  if (broken('shutdown-late')) return void setTimeout(() => process.exit(0), 6000);
  server.close(() => process.exit(0));
  if (broken('shutdown-1006')) process.exit(0);
  for (const { connection } of broker.sessions) {
    if (broken('shutdown-silent')) connection.cut();
    else connection.close(broken('shutdown-1000') ? 1000 : 1001, 'this broker ends');
  }
  server.closeIdleConnections();
  setInterval(() => broker.sessions.size === 0 && process.exit(0), 20);
  setTimeout(() => process.exit(0), settings.drainTimeoutMs);
}

function giveUp(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
