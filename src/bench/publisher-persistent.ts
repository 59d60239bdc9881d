import { type BrokerMessage, decodeBrokerMessage, ProtocolError, SUBPROTOCOL } from '../protocol/index.js';
import { BenchError } from './bench-error.js';
import { type Publisher, type PublisherOptions, publication } from './publisher.js';
import { connectTo } from './target.js';

const PROBE_ID = 'probe';
const PROBE_TIMEOUT_MS = 5000;

/**
 * One connection that speaks `wsn.v1` and sends everything.
 * @returns `undefined` when the broker speaks the base protocol only, which closes a publisher after each notification.
 * @throws BenchError when the broker is not reached, or refuses the probe.
 */
export async function openPersistent(options: PublisherOptions): Promise<Publisher | undefined> {
  const pending = new Set<number>();
  let onProbe: (why: string | undefined) => void = () => {};

  const settle = (id: string | undefined, why: string | undefined) => {
    if (id === PROBE_ID) onProbe(why);
    else if (pending.delete(Number(id)) && why !== undefined) options.onRefused(Number(id), why);
  };
  const onMessage = (payload: Buffer) => {
    const message = decode(payload);
    if (message?.kind === 'receipt') settle(message.id, undefined);
    else if (message?.kind === 'error') settle(message.id, `${message.error.code}: ${message.error.message}`);
  };

  const peer = await connectTo(options.target, { subprotocols: [SUBPROTOCOL], onMessage, ...withSignal(options) });
  if (peer.subprotocol !== SUBPROTOCOL) {
    await peer[Symbol.asyncDispose]();
    return undefined;
  }
  let isClosed = false;
  void peer.closed.then(({ code, reason }) => {
    isClosed = true;
    const why = `the publisher's connection was closed: ${code} ${reason}`.trimEnd();
    onProbe(why);
    for (const index of pending) options.onUnknown(index, why);
    pending.clear();
  });
  const publisher: Publisher = {
    kind: 'persistent',
    get unanswered() {
      return pending.size;
    },
    get isGone() {
      return isClosed;
    },
    publish(index) {
      options.onSending(index);
      pending.add(index);
      peer.send(publication(options.envelope.notification(index), String(index)));
    },
    stop() {},
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };

  const refusal = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(`no receipt came within ${PROBE_TIMEOUT_MS} ms`), PROBE_TIMEOUT_MS);
    onProbe = (why) => {
      clearTimeout(timer);
      resolve(why);
    };
    peer.send(publication(options.probe, PROBE_ID));
  });
  if (refusal === undefined) return publisher;
  await peer[Symbol.asyncDispose]();
  options.signal?.throwIfAborted();
  throw new BenchError('refused', `the broker does not take notifications from here: ${refusal}`);
}

function withSignal({ signal }: PublisherOptions) {
  return signal ? { signal } : {};
}

/** A message that cannot be read is none that a publication waits for: its receipt stays out, and that is counted. */
function decode(payload: Buffer): BrokerMessage | undefined {
  try {
    return decodeBrokerMessage(payload.toString());
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
