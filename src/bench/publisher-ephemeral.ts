import { CLOSE_CODES } from '../protocol/index.js';
import { BenchError } from './bench-error.js';
import { type Publisher, type PublisherOptions, publication } from './publisher.js';
import { connectTo } from './target.js';

/** Connections that publish at the same time; what is planned beyond waits, and its latency and lateness tell it. */
const MAX_OPEN = 256;

/**
 * A connection for each notification, as a base publisher does it: open, send, wait for the close with 1000.
 * @throws BenchError when the broker is not reached, or refuses the probe.
 */
export async function openEphemeral(options: PublisherOptions): Promise<Publisher> {
  const refusal = await publishOnce(options, options.probe);
  if (refusal !== undefined) throw new BenchError('refused', `the broker does not take notifications from here: ${refusal}`);

  const waiting: number[] = [];
  const open = new Set<Promise<void>>();
  const start = (index: number) => {
    options.onSending(index);
    const publishing = publishOnce(options, options.envelope.notification(index))
      .catch((error: unknown) => (error as Error).message)
      .then((why) => {
        open.delete(publishing);
        if (why !== undefined) options.onRefused(index, why);
        const next = waiting.shift();
        if (next !== undefined) start(next);
      });
    open.add(publishing);
  };
  return {
    kind: 'ephemeral',
    get unanswered() {
      return open.size + waiting.length;
    },
    publish(index) {
      if (open.size < MAX_OPEN) start(index);
      else waiting.push(index);
    },
    stop() {
      waiting.length = 0;
    },
    async [Symbol.asyncDispose]() {
      waiting.length = 0;
      await Promise.all(open);
    },
  };
}

/** Resolves when the connection has ended: to nothing after 1000, else to why the notification was not taken. */
async function publishOnce({ target, signal }: PublisherOptions, notification: Uint8Array | string): Promise<string | undefined> {
  const peer = await connectTo(target, { onMessage: () => {}, ...(signal ? { signal } : {}) });
  peer.send(publication(notification));
  const { code, reason } = await peer.closed;
  return code === CLOSE_CODES.normal.code ? undefined : `closed with ${code} ${reason}`.trimEnd();
}
