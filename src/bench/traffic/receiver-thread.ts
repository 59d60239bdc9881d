import { parentPort, workerData } from 'node:worker_threads';
import { watchThread } from '../health/thread-watch.js';
import { Envelope } from '../plan/envelope.js';
import { Tally } from '../record/tally.js';
import { targetOf } from '../target.js';
import type { FromReceiver, ReceiverData, ToReceiver } from './messages.js';
import { stallOnce } from './stall.js';
import { SubscriberCrowd } from './subscriber-crowd.js';

/** The thread in which a part of the subscribers live: it connects them, and keeps account of what they receive. */
function receive(data: ReceiverData, tell: (message: FromReceiver) => void, onMessage: (listen: (message: ToReceiver) => void) => void) {
  const { load, board, workload, run, receiver, receivers, tickMs } = data;
  const tally = new Tally({
    board,
    workload,
    receiver,
    receivers,
    envelope: new Envelope(run, load.channels, load.sizeBytes),
    subscribers: load.subscribers,
    onCanary: (subscriber, round) => crowd.heard(subscriber, round),
    onOther: (subscriber, text) => crowd.told(subscriber, text),
  });
  const crowd = new SubscriberCrowd({
    ...data,
    target: targetOf(data.url, data.way),
    tally,
    onHalfOpen: (ports) => tell({ kind: 'half-open', ports }),
  });
  const watch = watchThread();
  const tick = () => tell({ kind: 'tick', latency: tally.latency.takeSparse(), sample: watch.sample() });

  const answers: { readonly [K in ToReceiver['kind']]: (message: Extract<ToReceiver, { kind: K }>) => Promise<void> | void } = {
    async connect() {
      tell({ kind: 'connected', ...(await crowd.connect()) });
    },
    'who-is-silent': ({ round }) => tell({ kind: 'silent', ...crowd.silent(round) }),
    settle() {
      crowd.letGoOfTheSilent();
      tell({ kind: 'settled' });
    },
    begin() {
      watch.sample(); // what was before the load is none of its business
      tally.begin();
      crowd.begin();
      stallOnce(data);
      tell({ kind: 'begun' });
    },
    calm: () => crowd.calm(),
    finish() {
      clearInterval(ticking);
      tick();
      tell({ kind: 'finished', faults: tally.faults.all, slowest: tally.slowest.all, ...crowd.outcome });
      void crowd.leave().then(() => parentPort?.close());
    },
  };
  onMessage((message) => answers[message.kind](message as never));
  const ticking = setInterval(tick, tickMs);
  tell({ kind: 'started' });
}

receive(
  workerData as ReceiverData,
  (message) => parentPort?.postMessage(message),
  (listen) => parentPort?.on('message', listen),
);
