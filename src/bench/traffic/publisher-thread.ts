import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { BenchError } from '../bench-error.js';
import { watchThread } from '../health/thread-watch.js';
import { addressOf } from '../plan/address.js';
import { Envelope } from '../plan/envelope.js';
import { isAnybodyLeft, isComplete } from '../record/board.js';
import { Completion } from '../record/completion.js';
import { RestartState } from '../record/restart-state.js';
import { targetOf } from '../target.js';
import { Blocker } from './blocker.js';
import { Canaries } from './canaries.js';
import { monotonicMs } from './clock.js';
import type { FromPublisher, ThreadData, ToPublisher } from './messages.js';
import { PublicationAccount } from './publication-account.js';
import { openPublisher } from './publishers/open-publisher.js';
import type { Publisher, PublisherContext } from './publishers/publisher.js';
import { sendAtMost } from './send-at-most.js';
import { sendOnTime } from './send-on-time.js';
import { stallOnce } from './stall.js';

const CANARY_TIMEOUT_MS = 5000;

const RESTARTING = 'the broker is being restarted';

/** The thread that publishes: it alone decides when, so that no receiver's work makes a notification late. */
async function publish(
  data: ThreadData,
  tell: (message: FromPublisher) => void,
  onMessage: (listen: (message: ToPublisher) => void) => void,
) {
  const { load, board, run, tickMs } = data;
  const account = new PublicationAccount(board);
  const canaries = new Canaries(board.count);
  const closing = new AbortController();
  const blocker = new Blocker();
  let isStopped = false;

  const context = contextOf(data, { account, canaries, signal: closing.signal });
  const probe = JSON.stringify({ ...addressOf(run, 0), page: 'probe' });
  const publisher = await openPublisher(load.publishers.kind, context, probe);
  account.isOrdered = publisher.kind === 'persistent';
  const watch = watchThread();
  const tick = () => {
    const sample = watch.sample();
    // Blocked on purpose until the next planned moment: that is rest, whatever the event loop thinks of it.
    const busyShare = Math.max(0, sample.busyShare - blocker.takeBlockedMs() / Math.max(1, sample.spanMs));
    tell({
      kind: 'tick',
      lateness: account.lateness.takeSparse(),
      sample: { ...sample, busyShare },
      account: account.now(publisher.unanswered),
    });
  };
  const ticking = setInterval(tick, tickMs);

  const answers: { readonly [K in ToPublisher['kind']]: (message: Extract<ToPublisher, { kind: K }>) => Promise<void> | void } = {
    async canaries({ round, channels }) {
      const all = canaries.send(round, channels, (index) => publisher.publish(index));
      await Promise.race([all, sleep(CANARY_TIMEOUT_MS, undefined, { ref: false })]);
      tell({ kind: 'canaries-sent', refused: canaries.takeRefused() });
    },
    async begin() {
      watch.sample(); // what was before the load is none of its business
      account.begin();
      publisher.forgetHttpOutcome();
      stallOnce(data);
      await send(data, publisher, { account, isStopped: () => isStopped, block: blocker.block });
      tell({ kind: 'sent-all', isGone: publisher.isGone });
    },
    stop() {
      isStopped = true;
      publisher.stop();
    },
    async finish() {
      clearInterval(ticking);
      tick();
      tell({ kind: 'finished', http: publisher.httpOutcome() });
      publisher.stop();
      closing.abort(new Error('the run has ended'));
      await publisher[Symbol.asyncDispose]();
      parentPort?.close();
    },
  };
  onMessage((message) => void answers[message.kind](message as never));
  tell({ kind: 'opened', publishers: publisher.kind, subprotocol: publisher.subprotocol });
}

/** Canaries are published as the load's notifications are, and what becomes of them is kept apart. */
function contextOf(
  { url, way, run, load, board, sourceAddresses }: ThreadData,
  { account, canaries, signal }: { readonly account: PublicationAccount; readonly canaries: Canaries; readonly signal: AbortSignal },
): PublisherContext {
  const envelope = new Envelope(run, load.channels, load.sizeBytes);
  return {
    target: targetOf(url, way),
    connections: load.publishers.connections,
    protocol: load.protocol,
    sourceAddresses,
    signal,
    notification: (index) => {
      const canary = canaries.of(index);
      return canary ? envelope.canary(canary.round, canary.channel) : envelope.notification(index, board.channelOf[index] as number);
    },
    channelOf: (index) => canaries.of(index)?.channel ?? (board.channelOf[index] as number),
    onSending: (index) => void (index < board.count && account.sent(index, monotonicMs())),
    onAcknowledged: (index, position) => void (canaries.settle(index) || account.acknowledged(index, position)),
    onRefused: (index, why) => void (canaries.settle(index, why) || account.refused(index, why)),
    onUnknown: (index, why) => void (canaries.settle(index, why) || account.unknown(index, why)),
    restarts: load.faults === undefined ? null : new RestartState(board.restarts),
    onUnsent: (index) => void (canaries.settle(index, RESTARTING) || account.unsent(index)),
    onCutOff: (index) => void (canaries.settle(index, RESTARTING) || account.cutOff(index)),
  };
}

interface SendContext {
  readonly account: PublicationAccount;
  readonly isStopped: () => boolean;
  readonly block: (ms: number) => void;
}

async function send({ load, board }: ThreadData, publisher: Publisher, { account, isStopped, block }: SendContext) {
  const startedAt = board.startedAt[0] as number;
  const now = () => monotonicMs() - startedAt;
  const isOver = () => isStopped() || publisher.isGone || !isAnybodyLeft(board);
  const { arrivals, phases } = load;
  if (arrivals.kind === 'max') {
    const endMs = phases.warmUpMs + phases.holdMs;
    const { window } = arrivals;
    await sendAtMost({
      window,
      count: board.count,
      completion: new Completion(board.completed),
      isComplete: (index) => isComplete(board, index),
      send: (index) => publisher.publish(index),
      isOver: () => isOver() || now() >= endMs,
    });
  } else {
    await sendOnTime({
      plannedMs: board.plannedMs,
      now,
      isOver,
      send(index) {
        account.handedOver(index, monotonicMs());
        publisher.publish(index);
      },
      // Connections that are being opened need the event loop to turn; those that are open do not.
      ...(publisher.kind === 'persistent' ? { block } : {}),
    });
  }
}

publish(
  workerData as ThreadData,
  (message) => parentPort?.postMessage(message),
  (listen) => parentPort?.on('message', listen),
).catch((error: unknown) => {
  if (!(error instanceof BenchError)) throw error;
  parentPort?.postMessage({ kind: 'failed', error: { kind: error.kind, message: error.message } } satisfies FromPublisher);
});
