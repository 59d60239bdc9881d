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
  if (refusal) throw new BenchError('refused', `the broker does not take notifications from here: ${refusal.why}`);

  const waiting: number[] = [];
  const open = new Set<Promise<void>>();
  const start = (index: number) => {
    options.onSending(index);
    const publishing = publishOnce(options, options.envelope.notification(index))
      .catch((error: unknown): Failure => ({ isUnknown: false, why: (error as Error).message }))
      .then((failure) => {
        open.delete(publishing);
        if (failure?.isUnknown) options.onUnknown(index, failure.why);
        else if (failure) options.onRefused(index, failure.why);
        const next = waiting.shift();
        if (next !== undefined) start(next);
      });
    open.add(publishing);
  };
  return {
    kind: 'ephemeral',
    isGone: false,
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

interface Failure {
  /** Whether the notification may have been taken all the same. */
  readonly isUnknown: boolean;
  readonly why: string;
}

/** Resolves when the connection has ended: to nothing after 1000, the receipt of the base protocol. */
async function publishOnce({ target, signal }: PublisherOptions, notification: Uint8Array | string): Promise<Failure | undefined> {
  const peer = await connectTo(target, { onMessage: () => {}, ...(signal ? { signal } : {}) });
  peer.send(publication(notification));
  const { code, reason } = await peer.closed;
  if (code === CLOSE_CODES.normal.code) return undefined;
  return { isUnknown: code === CLOSE_CODES.abnormal.code, why: `closed with ${code} ${reason}`.trimEnd() };
}
