import { isIPv6 } from 'node:net';
import { BenchError } from '../../bench-error.js';
import { PUBLISHER_CONNECTIONS } from '../../load/load.js';
import type { Target } from '../../target.js';
import { type HttpAnswer, refusalOf } from './http-answer.js';
import type { HttpLine } from './http-line.js';
import { type HttpPool, openHttpPool } from './http-pool.js';
import { probeHttp } from './http-probe.js';
import { HttpTally } from './http-tally.js';
import { awaitProbe } from './probe.js';
import type { HttpOutcome, Publisher, PublisherContext } from './publisher.js';
import { WaitingLine } from './waiting-line.js';

/**
 * Requests `POST /notify` (R-6.1), sent by autocannon over connections that are kept. When each is due is the plan's;
 * autocannon's own pace and latencies are not used. The path of the target is for WebSockets and not used either.
 * @throws BenchError when the broker is not reached, or refuses the probe; the signal's reason when aborted.
 */
export async function openHttp(context: PublisherContext, probe: string): Promise<Publisher> {
  const { headers, tls } = context.target;
  const url = notifyUrl(context.target);
  await awaitProbe(probeHttp({ url, body: probe, signal: context.signal, headers, tls }), context.signal);
  const publisher = new HttpPublisher(url, context);
  await publisher.ready();
  return publisher;
}

const STOPPED = 'it was stopped';

class HttpPublisher implements Publisher {
  readonly kind = 'http';
  readonly subprotocol = null;
  readonly #url: string;
  readonly #context: PublisherContext;
  readonly #pool: HttpPool;
  readonly #waiting = new WaitingLine();
  readonly #onAbort = () => void this.#pool.end(STOPPED);
  /** Connections that were free when they were put here; the last one is the next to be used. */
  readonly #free: HttpLine[] = [];
  #tally = new HttpTally();
  #underWay = 0;
  #whyGone: string | undefined;
  #isDisposed = false;

  constructor(url: string, context: PublisherContext) {
    this.#url = url;
    this.#context = context;
    const { headers, tls } = context.target;
    const connections = context.connections ?? PUBLISHER_CONNECTIONS.http;
    this.#pool = openHttpPool(
      { url, connections, headers, tls },
      {
        onFree: (line) => this.#serve(line),
        onAnswer: (index, answer) => this.#answered(index, answer),
        onBroken: (index, why) => this.#broken(index, why),
        onEnded: (_, why) => this.#ended(why),
      },
    );
    context.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get unanswered(): number {
    return this.#underWay + this.#waiting.length;
  }

  get isGone(): boolean {
    return this.#whyGone !== undefined;
  }

  /** All connections are there. @throws BenchError when none is; the signal's reason when aborted. */
  async ready(): Promise<void> {
    await this.#pool.ready;
    if (this.#whyGone === undefined) return;
    await this.#pool.end(this.#whyGone);
    this.#context.signal.throwIfAborted();
    throw new BenchError('unreachable', this.#whyGone);
  }

  publish(index: number): void {
    let line = this.#free.pop();
    while (line && !line.isFree) line = this.#free.pop();
    if (this.#whyGone !== undefined) this.#context.onRefused(index, this.#whyGone);
    else if (line) this.#send(line, index);
    else this.#waiting.push(index);
  }

  stop(): void {
    this.#waiting.clear();
  }

  httpOutcome(): HttpOutcome {
    return this.#tally.outcome;
  }

  forgetHttpOutcome(): void {
    this.#tally = new HttpTally();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#waiting.clear();
    this.#context.signal.removeEventListener('abort', this.#onAbort);
    await this.#pool.end(STOPPED);
  }

  #send(line: HttpLine, index: number): void {
    this.#underWay++;
    this.#tally.begin();
    this.#context.onSending(index);
    line.send(index, this.#context.notification(index));
  }

  #serve(line: HttpLine): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(line);
    else this.#send(line, next);
  }

  #answered(index: number, answer: HttpAnswer): void {
    this.#underWay--;
    this.#tally.answered(answer.status);
    const refusal = refusalOf(answer);
    if (refusal === undefined) this.#context.onAcknowledged(index);
    else this.#context.onRefused(index, refusal);
  }

  #broken(index: number, why: string): void {
    this.#underWay--;
    this.#tally.broken();
    if (!this.#isDisposed) this.#context.onUnknown(index, why);
  }

  #ended(why: string): void {
    if (this.#pool.size > 0) return;
    const whyGone = `no connection to ${this.#url} is left: ${why}`;
    this.#whyGone = whyGone;
    for (let index = this.#waiting.shift(); index !== undefined; index = this.#waiting.shift()) this.#context.onRefused(index, whyGone);
  }
}

function notifyUrl({ host, port, tls }: Target): string {
  return `${tls ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}/notify`;
}
