import { broken } from './mistakes/index.mjs';
import { settings } from './settings.mjs';

/** Greets a v1 peer. */
export function greet(session) {
  if (broken('hello-missing')) return;
  const heartbeat = broken('hello-seconds') ? session.heartbeatMs / 1000 : session.heartbeatMs;
  const hello = { version: broken('hello-version-text') ? '1' : 1, connection: session.name, heartbeatMs: heartbeat, jitterMs: jitterMs() };
  if (broken('hello-no-heartbeat')) delete hello.heartbeatMs;
  const text = JSON.stringify({ sender: 'server', hello });
  if (broken('hello-late')) session.greeting = text;
  else session.connection.sendText(text);
  if (broken('hello-twice')) session.connection.sendText(text);
}

function jitterMs() {
  return broken('drain-jitter-short') ? settings.jitterMs : Math.max(settings.jitterMs, settings.drainMs);
}

const speakers = new Map();
let lastSpeaker;

/** Takes notice of who spoke, with which id. */
export function heard(session, id) {
  speakers.set(id, session);
  lastSpeaker = session;
}

/** Answers a message, with its id if it has one. */
export function answer(session, id, payload) {
  if (broken('answer-to-last-of-id') && speakers.has(id)) setTimeout(() => write(speakers.get(id), id, payload), 5);
  else if (broken('error-to-last-speaker') && payload.error !== undefined) setTimeout(() => write(lastSpeaker ?? session, id, payload), 5);
  else write(session, id, payload);
}

function write(session, id, payload) {
  const told = broken('id-not-repeated') ? undefined : (id ?? (broken('id-of-other') ? session.lastId : undefined));
  if (broken('id-inside')) {
    const [[name, value]] = Object.entries(payload);
    session.connection.sendText(JSON.stringify({ sender: 'server', [name]: { id: told, ...value } }));
  } else session.connection.sendText(JSON.stringify({ ...payload, id: told, sender: 'server' }));
  if (session.greeting !== undefined) session.connection.sendText(session.greeting);
  session.greeting = undefined;
}

/** Tells an error; the connection stays open. */
export function sendError(session, id, { code, path, message }) {
  if (broken('error-drops-set')) session.subscribe([]);
  if (broken('error-silent')) return;
  session.errors++;
  if (broken('error-closes') || (broken('error-second-closes') && session.errors > 1))
    return void session.connection.close(4400, `${path} ${message}`.trim());
  const error = { code, path, message, retry: broken('error-retry-true') };
  if (broken('error-code-invalid')) error.code = 'invalid-message';
  if (broken('error-code-numbers')) error.code = 4400;
  if (broken('error-no-path')) delete error.path;
  if (broken('error-path-dots')) error.path = path.slice(1).replaceAll('/', '.');
  if (broken('error-no-retry')) delete error.retry;
  if (broken('error-no-message')) delete error.message;
  if (broken('error-no-code')) delete error.code;
  answer(session, broken('id-not-on-error') ? undefined : id, { error });
}
