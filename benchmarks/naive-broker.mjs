// The broker that anyone writes in an hour on `ws`, which ours is compared with: for each notification it asks every
// subscriber, and calls `send` for each that wants it. It checks nothing, logs nothing and lets publishers stay.
import { WebSocketServer } from 'ws';

/** `true` wants any value, a list any of its elements, an object any of its entries. */
function accepts(wanted, given) {
  if (wanted === true) return given !== undefined;
  if (Array.isArray(wanted)) return wanted.some((value) => String(value) === String(given));
  if (wanted !== null && typeof wanted === 'object') return Object.values(wanted).some((value) => accepts(value, given));
  return String(wanted) === String(given);
}

function matches(subscription, notification) {
  const { package: name, page, filters = {} } = subscription;
  if (name !== notification.package || page !== notification.page) return false;
  return Object.keys(filters).every((filter) => accepts(filters[filter], notification.filters?.[filter]));
}

const subscribers = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

server.on('connection', (socket) => {
  socket.on('close', () => subscribers.delete(socket));
  socket.on('error', () => socket.terminate());
  socket.on('message', (bytes) => {
    const message = JSON.parse(bytes.toString());
    if (message.sender === 'client') {
      subscribers.set(socket, message.subscriptions);
      return;
    }
    const text = JSON.stringify({ sender: 'server', notification: message.notification });
    for (const [subscriber, subscriptions] of subscribers) {
      if (subscriptions.some((subscription) => matches(subscription, message.notification))) subscriber.send(text);
    }
  });
});

server.on('listening', () => process.stdout.write(`${JSON.stringify({ msg: 'listening', port: server.address().port })}\n`));
