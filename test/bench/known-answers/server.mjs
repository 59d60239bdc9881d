/**
 * A server whose mistakes are known exactly: what `wsn bench` says about it must be what its ledger says.
 *   node test/bench/known-answers/server.mjs [--port N] [--v1] [--delay MS] [--stall-once FOR@AFTER] [--drop-every N] …
 * It prints `{"port":…}`, and at SIGTERM its ledger. Without a port of its own it ends when its stdin does, so that it
 * never outlives a test.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { FanOut } from './fan-out.mjs';
import { Ledger } from './ledger.mjs';
import { notificationText, readNotification, wantedKeys } from './read-message.mjs';
import { settings } from './settings.mjs';

const ledger = new Ledger();
const fanOut = new FanOut(ledger);
let published = 0;

/** Delivers a notification; false when it is refused. */
function publish(notification) {
  if (notification.index === undefined) {
    ledger.others++;
    fanOut.relay(notification);
    return true;
  }
  const entry = ledger.open(notification.index, notification.channel);
  entry.refused = settings.refuseEvery !== undefined && ++published % settings.refuseEvery === 0;
  if (!entry.refused) fanOut.deliver(notification, entry);
  return !entry.refused;
}

function answer(peer, message, payload) {
  peer.socket.send(JSON.stringify({ sender: 'server', ...(message.id === undefined ? {} : { id: message.id }), ...payload }));
}

function takeSubscriptions(peer, message) {
  const apply = () => {
    fanOut.subscribe(peer, wantedKeys(message.subscriptions));
    const topics = message.subscriptions.map(({ package: name, page }) => ({ package: name, page, epoch: 'known', offset: 0 }));
    if (peer.isV1) answer(peer, message, { subscribed: { topics: topics.slice(0, 1) } });
  };
  if (settings.lateSubscribeMs === 0) apply();
  else setTimeout(apply, settings.lateSubscribeMs);
}

const RECEIPT = { receipt: { position: { epoch: 'known', offset: 1 }, matched: 0, duplicate: false } };
const REFUSAL = { error: { code: 'forbidden', message: 'told to refuse it', retry: false } };

function takeNotification(peer, message, frame) {
  const isTaken = publish(readNotification(message.notification, notificationText(frame)));
  if (peer.isV1) answer(peer, message, isTaken ? RECEIPT : REFUSAL);
  else if (!isTaken) peer.socket.close(4403, REFUSAL.error.message);
  else if (settings.acknowledges) peer.socket.close(1000);
  else peer.socket.close();
}

const http = createServer(async (request, response) => {
  const body = await text(request);
  const value = JSON.parse(body);
  const isTaken = publish(readNotification(value.notification ?? value, value.notification ? notificationText(body) : body));
  const type = isTaken ? 'application/json' : 'application/problem+json';
  response.writeHead(isTaken ? 200 : 403, { 'Content-Type': type });
  response.end(JSON.stringify(isTaken ? RECEIPT : { title: 'Forbidden', status: 403, detail: REFUSAL.error.message }));
});

const sockets = new WebSocketServer({
  server: http,
  perMessageDeflate: false,
  autoPong: settings.answersPings,
  handleProtocols: (offered) => (settings.speaksV1 && offered.has('wsn.v1') ? 'wsn.v1' : false),
});

sockets.on('connection', (socket) => {
  const peer = { socket, isV1: socket.protocol === 'wsn.v1', keys: new Set(), held: [], isClosedByServer: false };
  if (peer.isV1) answer(peer, {}, { hello: { version: 1, connection: 'known', heartbeatMs: 25_000, jitterMs: 5000 } });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => fanOut.forget(peer));
  socket.on('message', (bytes) => {
    const frame = String(bytes);
    const message = JSON.parse(frame);
    if (message.subscriptions !== undefined) takeSubscriptions(peer, message);
    else takeNotification(peer, message, frame);
  });
});

http.listen(settings.port ?? 0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: http.address().port })}\n`));
process.on('SIGTERM', () => process.stdout.write(`${JSON.stringify(ledger)}\n`, () => process.exit(0)));
if (settings.port === undefined) process.stdin.on('end', () => process.exit(1)).resume();
