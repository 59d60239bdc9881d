import { isIPv6 } from 'node:net';
import { BenchError } from '../../bench-error.js';
import { PUBLISHER_CONNECTIONS } from '../../load/load.js';
import type { Target } from '../../target.js';
import { refusalOf } from './http-answer.js';
import type { HttpLine } from './http-line.js';
import { openHttpPool } from './http-pool.js';
import { probeHttp } from './http-probe.js';
import { HttpTally } from './http-tally.js';
import { awaitProbe } from './probe.js';
import type { Publisher, PublisherContext } from './publisher.js';
import { WaitingLine } from './waiting-line.js';

/**
 * Requests `POST /notify` (R-6.1), sent by autocannon over connections that are kept. When each is due is the plan's;
 * autocannon's own pace and latencies are not used. The path of the target is for WebSockets and not used either.
 * @throws BenchError when the broker is not reached, or refuses the probe; the signal's reason when aborted.
 */
export async function openHttp(context: PublisherContext, probe: string): Promise<Publisher> {
  const url = notifyUrl(context.target);
  await awaitProbe(probeHttp(url, probe, context.signal), context.signal);

  const waiting = new WaitingLine();
  let tally = new HttpTally();
  /** Connections that were free when they were put here; the last one is the next to be used. */
  const free: HttpLine[] = [];
  let underWay = 0;
  let whyGone: string | undefined;
  let isDisposed = false;

  const send = (line: HttpLine, index: number) => {
    underWay++;
    tally.begin();
    context.onSending(index);
    line.send(index, context.notification(index));
  };
  const pool = openHttpPool(url, context.connections ?? PUBLISHER_CONNECTIONS.http, {
    onFree(line) {
      const next = waiting.shift();
      if (next === undefined) free.push(line);
      else send(line, next);
    },
    onAnswer(index, answer) {
      underWay--;
      tally.answered(answer.status);
      const refusal = refusalOf(answer);
      if (refusal === undefined) context.onAcknowledged(index);
      else context.onRefused(index, refusal);
    },
    onBroken(index, why) {
      underWay--;
      tally.broken();
      if (!isDisposed) context.onUnknown(index, why);
    },
    onEnded(_, why) {
      if (pool.size > 0) return;
      whyGone = `no connection to ${url} is left: ${why}`;
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) context.onRefused(index, whyGone);
    },
  });
  const onAbort = () => void pool.end('it was stopped');
  context.signal.addEventListener('abort', onAbort, { once: true });
  await pool.ready;
  if (whyGone !== undefined) {
    await pool.end(whyGone);
    context.signal.throwIfAborted();
    throw new BenchError('unreachable', whyGone);
  }
  return {
    kind: 'http',
    subprotocol: null,
    get unanswered() {
      return underWay + waiting.length;
    },
    get isGone() {
      return whyGone !== undefined;
    },
    publish(index) {
      let line = free.pop();
      while (line && !line.isFree) line = free.pop();
      if (whyGone !== undefined) context.onRefused(index, whyGone);
      else if (line) send(line, index);
      else waiting.push(index);
    },
    stop: () => waiting.clear(),
    httpOutcome: () => tally.outcome,
    forgetHttpOutcome() {
      tally = new HttpTally();
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      waiting.clear();
      context.signal.removeEventListener('abort', onAbort);
      await pool.end('it was stopped');
    },
  };
}

function notifyUrl({ host, port }: Target): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}/notify`;
}
