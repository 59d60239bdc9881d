import { backlogMs, type ProcessWatch, watchProcess } from '../health/process-watch.js';

/** Bytes of a delivery beside its notification: frame, member names. */
const AROUND_NOTIFICATION = 40;

/** Fewer subscribers say nothing about the memory of one. */
const ENOUGH_FOR_MEMORY = 200;

/** What the process of the generator uses during a run. */
export class ProcessFigures {
  /** Of the last look: part of all cores, and what waited unread, as time. */
  live: { readonly cpuShare: number; readonly backlogMs: number | null } = { cpuShare: 0, backlogMs: null };
  /** The same of each look in the hold. */
  readonly cpuShares: number[] = [];
  readonly backlogsMs: number[] = [];
  memoryBytesEach: number | null = null;
  readonly #watch: ProcessWatch;
  readonly #deliveryBytes: number;
  #hostilePorts: ReadonlySet<number> = new Set();
  /** By the thread that they belong to. */
  readonly #halfOpenPorts = new Map<string, readonly number[]>();
  #memoryBefore = 0;
  #cpuBefore = process.cpuUsage();

  constructor({ targetPort, sizeBytes }: { readonly targetPort: number; readonly sizeBytes: number }) {
    this.#watch = watchProcess({ targetPort, hostilePorts: () => this.#unreadPorts });
    this.#deliveryBytes = sizeBytes + AROUND_NOTIFICATION;
  }

  /** CPU in µs since `begin`. */
  get cpuUs(): number {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    return user + system;
  }

  /** Subscribers are about to connect. */
  connecting(): void {
    this.#memoryBefore = process.memoryUsage.rss();
  }

  /** @param hostilePorts local ports of those that leave data unread. */
  connected(honest: number, hostilePorts: readonly number[]): void {
    this.#hostilePorts = new Set(hostilePorts);
    const connections = honest + hostilePorts.length;
    if (connections < ENOUGH_FOR_MEMORY) return;
    this.memoryBytesEach = Math.max(0, Math.round((process.memoryUsage.rss() - this.#memoryBefore) / connections));
  }

  /** Those of a thread that a fault lets leave data unread now. */
  halfOpen(thread: string, ports: readonly number[]): void {
    this.#halfOpenPorts.set(thread, ports);
  }

  /** The load begins. */
  begin(): void {
    this.#cpuBefore = process.cpuUsage();
    void this.#watch.sample(); // what was before the load is none of its business
  }

  /** Looks at the process. @param perSecond deliveries that came lately, which say how long what waits unread takes. */
  async look(perSecond: number, isHold: boolean): Promise<void> {
    const { cpuShare, unreadBytes } = await this.#watch.sample();
    this.live = { cpuShare, backlogMs: backlogMs(unreadBytes, perSecond * this.#deliveryBytes) };
    if (!isHold) return;
    this.cpuShares.push(cpuShare);
    if (this.live.backlogMs !== null) this.backlogsMs.push(this.live.backlogMs);
  }

  get #unreadPorts(): ReadonlySet<number> {
    return this.#halfOpenPorts.size === 0
      ? this.#hostilePorts
      : new Set([...this.#hostilePorts, ...[...this.#halfOpenPorts.values()].flat()]);
  }
}
