import type { ThreadSample } from '../health/thread-watch.js';
import type { PublisherAccount } from '../traffic/messages.js';
import { Histogram } from './histogram.js';

/** A slice of the hold, or of the drain behind it, as it is being recorded. */
export interface RecordedSlice {
  readonly latency: Histogram;
  sent: number;
  connected: number;
  loopDelayMs: number;
}

/** The hold and the drain are cut into about so many slices, none shorter than a tick. */
const SLICES = 100;

/** What the publishing thread is called. */
export const PUBLISHER = 'publisher';

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
  /** The worst of all threads in the last second: delay of the event loop, busy receiver, pause for garbage. */
  loopDelayMs = 0;
  busyShare = 0;
  gcLongestMs = 0;
  /** What each thread said of itself, as far as it belongs to the hold. */
  readonly samplesOf = new Map<string, ThreadSample[]>();
  account: PublisherAccount | undefined;
  readonly #holdStartMs: number;
  readonly #endMs: number;
  #second = new Histogram();
  #secondSamples: { readonly thread: string; readonly sample: ThreadSample }[] = [];

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
    this.#watched(thread, tick.sample, now.atMs);
  }

  /** The publisher told what it has sent since it told last. */
  sent(tick: { readonly lateness: Uint32Array; readonly sample: ThreadSample; readonly account: PublisherAccount }, atMs: number): void {
    this.lateness.addSparse(tick.lateness);
    const slice = this.#sliceAt(atMs - tick.sample.spanMs / 2);
    if (slice) slice.sent += tick.account.sentInHold - (this.account?.sentInHold ?? 0);
    this.account = tick.account;
    this.#watched(PUBLISHER, tick.sample, atMs);
  }

  /** A second is over. */
  nextSecond(): void {
    this.lastSecond = this.#second;
    this.#second = new Histogram();
    const samples = this.#secondSamples;
    this.#secondSamples = [];
    this.loopDelayMs = Math.max(0, ...samples.map(({ sample }) => sample.loopDelayMs));
    this.gcLongestMs = Math.max(0, ...samples.map(({ sample }) => sample.gcLongestMs));
    this.busyShare = Math.max(0, ...receivers(samples).map(busyShareOf));
  }

  /** A sample counts for the hold when any of its time lies in it. */
  #watched(thread: string, sample: ThreadSample, atMs: number): void {
    this.#secondSamples.push({ thread, sample });
    if (atMs <= this.#holdStartMs || atMs - sample.spanMs >= this.#endMs) return;
    const slice = this.#sliceAt(atMs - sample.spanMs / 2);
    if (slice) slice.loopDelayMs = Math.max(slice.loopDelayMs, sample.loopDelayMs);
    const samples = this.samplesOf.get(thread);
    if (samples) samples.push(sample);
    else this.samplesOf.set(thread, [sample]);
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

/** Samples of each thread but the publisher. */
function receivers(samples: readonly { readonly thread: string; readonly sample: ThreadSample }[]): readonly (readonly ThreadSample[])[] {
  const threads = new Map<string, ThreadSample[]>();
  for (const { thread, sample } of samples) {
    if (thread === PUBLISHER) continue;
    const own = threads.get(thread);
    if (own) own.push(sample);
    else threads.set(thread, [sample]);
  }
  return [...threads.values()];
}

function busyShareOf(samples: readonly ThreadSample[]): number {
  const spanMs = samples.reduce((sum, sample) => sum + sample.spanMs, 0);
  return samples.reduce((sum, { busyShare, spanMs }) => sum + busyShare * spanMs, 0) / Math.max(1, spanMs);
}
