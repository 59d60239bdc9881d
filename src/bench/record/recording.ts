import type { ThreadSummary } from '../health/judge-health.js';
import type { ThreadSample } from '../health/thread-watch.js';
import { Histogram, isAnyIn } from './histogram.js';
import type { PublisherAccount } from './publisher-account.js';
import { PUBLISHER, ThreadLog } from './thread-log.js';

/** A slice of the hold, or of the drain behind it, as it is being recorded. */
export interface RecordedSlice {
  readonly latency: Histogram;
  sent: number;
  connected: number;
  loopDelayMs: number;
}

/** The hold and the drain are cut into about so many slices, none shorter than a tick. */
const SLICES = 100;

/** Slices of a drain that never ends are not kept. */
const MOST_SLICES = 300;

/** What the main thread collects of what its threads tell: all moments in ms from the start of the load. */
export class Recording {
  /** Latencies of all measured deliveries. */
  readonly latency = new Histogram();
  /** How late the notifications of the hold were sent. */
  readonly lateness = new Histogram();
  readonly sliceMs: number;
  readonly slices: RecordedSlice[] = [];
  /** Latencies of the last whole second; `undefined` before. */
  lastSecond: Histogram | undefined;
  /** What threads said of themselves, as far as it belongs to the hold. */
  readonly threads = new ThreadLog();
  /** The same in the last whole second, be it of the hold or not. */
  threadsOfLastSecond: readonly ThreadSummary[] = [];
  account: PublisherAccount | undefined;
  readonly #holdStartMs: number;
  readonly #endMs: number;
  #second = new Histogram();
  #secondThreads = new ThreadLog();
  /** Samples from behind the hold, of threads in which no measured delivery has come since. */
  readonly #behindHold = new Map<string, readonly ThreadSample[]>();

  constructor({ holdStartMs, endMs, tickMs }: { readonly holdStartMs: number; readonly endMs: number; readonly tickMs: number }) {
    this.#holdStartMs = holdStartMs;
    this.#endMs = endMs;
    this.sliceMs = Math.max(1, Math.ceil((endMs - holdStartMs) / SLICES / tickMs)) * tickMs;
  }

  /** A receiver told what it has received since it told last. */
  received(
    thread: string,
    tick: { readonly latency: Uint32Array; readonly sample: ThreadSample },
    now: { readonly atMs: number; readonly connected: number },
  ): void {
    this.latency.addSparse(tick.latency);
    this.#second.addSparse(tick.latency);
    const slice = this.#sliceAt(now.atMs - tick.sample.spanMs / 2);
    slice?.latency.addSparse(tick.latency);
    if (slice) slice.connected = now.connected;
    this.#watched(thread, tick.sample, { atMs: now.atMs, hasMeasured: isAnyIn(tick.latency) });
  }

  /** The publisher told what it has sent since it told last. */
  sent(tick: { readonly lateness: Uint32Array; readonly sample: ThreadSample; readonly account: PublisherAccount }, atMs: number): void {
    this.lateness.addSparse(tick.lateness);
    const slice = this.#sliceAt(atMs - tick.sample.spanMs / 2);
    if (slice) slice.sent += tick.account.sentInHold - (this.account?.sentInHold ?? 0);
    this.account = tick.account;
    this.#watched(PUBLISHER, tick.sample, { atMs, hasMeasured: false });
  }

  /** A second is over. */
  nextSecond(): void {
    this.lastSecond = this.#second;
    this.#second = new Histogram();
    this.threadsOfLastSecond = this.#secondThreads.summaries;
    this.#secondThreads = new ThreadLog();
  }

  /**
   * A sample counts when any of its time lies in the hold. Those behind it count up to the last measured delivery, whose
   * latency has in it what held the thread up; but not for how busy the hold was.
   */
  #watched(thread: string, sample: ThreadSample, { atMs, hasMeasured }: { readonly atMs: number; readonly hasMeasured: boolean }): void {
    this.#secondThreads.add(thread, sample);
    if (atMs <= this.#holdStartMs) return;
    const slice = this.#sliceAt(atMs - sample.spanMs / 2);
    if (slice) slice.loopDelayMs = Math.max(slice.loopDelayMs, sample.loopDelayMs);
    if (atMs - sample.spanMs < this.#endMs) {
      this.threads.add(thread, sample);
      return;
    }
    const behind = [...(this.#behindHold.get(thread) ?? []), { ...sample, spanMs: 0 }];
    this.#behindHold.set(thread, hasMeasured ? [] : behind);
    if (hasMeasured) for (const each of behind) this.threads.add(thread, each);
  }

  #sliceAt(atMs: number): RecordedSlice | undefined {
    const place = Math.max(0, Math.floor((atMs - this.#holdStartMs) / this.sliceMs));
    if (atMs < this.#holdStartMs - this.sliceMs || place >= MOST_SLICES) return undefined;
    while (this.slices.length <= place) {
      this.slices.push({ latency: new Histogram(), sent: 0, connected: this.slices.at(-1)?.connected ?? 0, loopDelayMs: 0 });
    }
    return this.slices[place];
  }
}
