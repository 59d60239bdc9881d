import { setMaxListeners } from 'node:events';
import { CLOSE_CODES } from '../../../protocol/index.js';
import { PUBLISHER_CONNECTIONS } from '../../load/load.js';
import { connectTo, localAddressOf } from '../../target.js';
import { awaitProbe } from './probe.js';
import type { Publisher, PublisherContext } from './publisher.js';
import { WaitingLine } from './waiting-line.js';

/**
 * A connection for each notification, as a base publisher does it: open, send, wait for the close with 1000.
 * What is published while as many as may be are open waits; its lateness tells it.
 * @throws BenchError when the broker is not reached, or refuses the probe; the signal's reason when aborted.
 */
export async function openEphemeral(context: PublisherContext, probe: string): Promise<Publisher> {
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  setMaxListeners(0, signal); // each connection listens to it
  await probeOnce({ ...context, signal }, probe, ending);

  const most = context.connections ?? PUBLISHER_CONNECTIONS.ephemeral;
  const waiting = new WaitingLine();
  const open = new Set<Promise<void>>();
  let opened = 0;
  const start = (index: number) => {
    const from = localAddressOf(context.sourceAddresses, opened++);
    context.onSending(index);
    const publishing = publishOnce({ ...context, signal }, context.notification(index), from).then((outcome) => {
      open.delete(publishing);
      if (ending.signal.aborted) return;
      tell(context, index, outcome);
      const next = context.signal.aborted ? undefined : waiting.shift();
      if (next !== undefined) start(next);
    });
    open.add(publishing);
  };
  return {
    kind: 'ephemeral',
    subprotocol: null,
    isGone: false,
    get unanswered() {
      return open.size + waiting.length;
    },
    publish(index) {
      if (open.size < most) start(index);
      else waiting.push(index);
    },
    stop: () => waiting.clear(),
    httpOutcome: () => null,
    forgetHttpOutcome() {},
    async [Symbol.asyncDispose]() {
      waiting.clear();
      ending.abort();
      await Promise.all(open);
    },
  };
}

/** What became of a notification: nothing to say when the broker took it. */
type Outcome = { readonly kind: 'refused' | 'unknown'; readonly why: string; readonly error?: unknown } | undefined;

function tell(context: PublisherContext, index: number, outcome: Outcome): void {
  if (!outcome) context.onAcknowledged(index);
  else if (outcome.kind === 'refused') context.onRefused(index, outcome.why);
  else context.onUnknown(index, outcome.why);
}

async function probeOnce(context: PublisherContext, probe: string, ending: AbortController): Promise<void> {
  const answer = publishOnce(context, Buffer.from(probe)).then((outcome) => {
    if (outcome?.error !== undefined) throw outcome.error;
    return outcome?.why;
  });
  try {
    await awaitProbe(answer, context.signal);
  } catch (error) {
    ending.abort();
    await answer.catch(() => {});
    throw error;
  }
}

const BEFORE = Buffer.from('{"sender":"server","notification":');
const AFTER = Buffer.from('}');

/** Resolves when the connection has ended; 1000 is the receipt of the base protocol. Never rejects. */
async function publishOnce(
  context: PublisherContext,
  notification: Buffer,
  from: ReturnType<typeof localAddressOf> = {},
): Promise<Outcome> {
  // Before anything is awaited: the notification's bytes are valid during this call only.
  const message = Buffer.concat([BEFORE, notification, AFTER]);
  const { target, signal } = context;
  try {
    const peer = await connectTo(target, { onMessage: () => {}, signal, ...from });
    peer.send(message);
    const { code, reason } = await peer.closed;
    // The PHP server closes without a code whatever it has served.
    if (code === CLOSE_CODES.normal.code || code === CLOSE_CODES.noStatus.code) return undefined;
    return { kind: code === CLOSE_CODES.abnormal.code ? 'unknown' : 'refused', why: `closed with ${code} ${reason}`.trimEnd() };
  } catch (error) {
    return { kind: 'refused', why: (error as Error).message, error };
  }
}
