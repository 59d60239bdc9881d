import { SUBPROTOCOL } from '../../../protocol/index.js';
import { connectTo, localAddressOf } from '../../target.js';
import { PublicationBatch } from './publication-batch.js';
import type { PublisherContext } from './publisher.js';
import { type Answer, readAnswer, receiptNumber } from './read-answer.js';

/** One connection that publishes with `wsn.v1` and keeps its order. */
export interface PersistentLine extends AsyncDisposable {
  readonly unanswered: number;
  readonly isClosed: boolean;
  /** Whether it was the run itself that had it closed, by a restart of the broker. */
  readonly isRestarted: boolean;
  /** Fulfilled when it is closed. */
  readonly closed: Promise<void>;
  /** Writes at the end of this turn of the event loop, together with whatever else is published in it. */
  publish(index: number): void;
  /** Publishes a notification that is none of the load. @returns why the broker did not take it, or nothing when it did. */
  probe(notification: string): Promise<string | undefined>;
}

const PROBE_ID = 'probe';

/**
 * @param place its number among the publisher's connections, from 0, which chooses its source address.
 * @returns `undefined` when the broker did not select `wsn.v1`.
 * @throws BenchError when the broker is not reached; the signal's reason when aborted.
 */
export async function openPersistentLine(context: PublisherContext, place: number): Promise<PersistentLine | undefined> {
  const { target, sourceAddresses, signal } = context;
  const pending = new Set<number>();
  const batch = new PublicationBatch();
  let onProbe: (why: string | undefined) => void = () => {};
  const restartsBefore = context.restarts?.count;
  let whyClosed: string | undefined;

  const onAnswer = (answer: Answer | undefined) => {
    const index = Number(answer?.id);
    if (answer?.id === PROBE_ID) onProbe(answer.refusal);
    else if (answer && pending.delete(index)) {
      if (answer.refusal === undefined) context.onAcknowledged(index, answer.position);
      else context.onRefused(index, answer.refusal);
    }
  };
  const peer = await connectTo(target, {
    subprotocols: [SUBPROTOCOL],
    onMessage: (payload) => onAnswer(readAnswer(payload.toString())),
    onText(bytes, start, end) {
      const index = context.restarts ? -1 : receiptNumber(bytes, start, end);
      if (index === -1) onAnswer(readAnswer(bytes.toString('utf8', start, end)));
      else if (pending.delete(index)) context.onAcknowledged(index);
    },
    ...localAddressOf(sourceAddresses, place),
    signal,
  });
  if (peer.subprotocol !== SUBPROTOCOL) {
    await peer[Symbol.asyncDispose]();
    return undefined;
  }

  let isDisposed = false;
  const isRestarted = () => context.restarts?.count !== restartsBefore;
  const closed = peer.closed.then(({ code, reason }) => {
    const why = `the publisher's connection was closed: ${code} ${reason}`.trimEnd();
    whyClosed = why;
    onProbe(why);
    if (!isDisposed) {
      for (const index of pending) {
        if (isRestarted()) context.onCutOff(index);
        else context.onUnknown(index, why);
      }
    }
    pending.clear();
  });
  const write = () => peer.bytes(batch.take());
  return {
    get unanswered() {
      return pending.size;
    },
    get isClosed() {
      return whyClosed !== undefined;
    },
    get isRestarted() {
      return whyClosed !== undefined && isRestarted();
    },
    closed,
    publish(index) {
      if (whyClosed !== undefined) {
        if (isRestarted()) context.onUnsent(index);
        else context.onRefused(index, whyClosed);
        return;
      }
      context.onSending(index);
      pending.add(index);
      if (batch.isEmpty) queueMicrotask(write);
      batch.add(context.notification(index), String(index));
    },
    probe(notification) {
      const answer = new Promise<string | undefined>((resolve) => {
        onProbe = resolve;
      });
      batch.add(Buffer.from(notification), PROBE_ID);
      write();
      return answer;
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await peer[Symbol.asyncDispose]();
    },
  };
}
