import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { cgroupLimits } from './cgroup.js';
import { readUnread, type Unread } from './unread.js';

/** What this process used, with all its threads, since the last look at it. */
interface ProcessSample {
  readonly spanMs: number;
  /** Processor time, in µs. */
  readonly cpuUs: number;
  /** Cores that were in use on average. */
  readonly cores: number;
  /** The same as a part, 0 to 1, of the cores that it may use. */
  readonly cpuShare: number;
  /** What waits unread in the kernel for its connections to the target, as of the last reading; `null` where the system does not tell. */
  readonly unreadBytes: number | null;
}

export interface ProcessWatch {
  /** What has been since the last call, or since the beginning. Meant to be called once a second. */
  sample(): Promise<ProcessSample>;
}

export interface ProcessWatchOptions {
  readonly targetPort: number;
  /**
   * Local ports of connections that leave data unread on purpose. With several source addresses an honest connection may
   * have the same port at another address and is left out as well: few are.
   */
  readonly hostilePorts: () => ReadonlySet<number>;
}

/** The list of connections is read again after so long; with many connections, of which each is a line, less often. */
const READ_EVERY_MS = 900;
const READ_MANY_EVERY_MS = 4900;
const MANY = 5000;

/** Watches this process; it has no timers and needs no disposal. */
export function watchProcess(options: ProcessWatchOptions): ProcessWatch {
  return new Watch(options);
}

/** Bytes that wait, as the time in ms in which they were sent; `null` where either is not known. */
export function backlogMs(unreadBytes: number | null, receivedBytesPerSecond: number): number | null {
  if (unreadBytes === 0) return 0;
  return unreadBytes === null || !(receivedBytesPerSecond > 0) ? null : (unreadBytes / receivedBytesPerSecond) * 1000;
}

class Watch implements ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #cores = usableCores();
  #lastAt = performance.now();
  #lastUse = process.cpuUsage();
  #unread: Unread | null = null;
  #nextReadAt = 0;

  constructor(options: ProcessWatchOptions) {
    this.#options = options;
  }

  async sample(): Promise<ProcessSample> {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#lastUse);
    const spanMs = now - this.#lastAt;
    this.#lastUse = process.cpuUsage();
    this.#lastAt = now;
    if (now >= this.#nextReadAt) await this.#read(now);
    const cores = spanMs > 0 ? (user + system) / 1000 / spanMs : 0;
    return {
      spanMs,
      cpuUs: user + system,
      cores,
      cpuShare: Math.min(1, cores / (await this.#cores)),
      unreadBytes: this.#unread?.bytes ?? null,
    };
  }

  async #read(now: number): Promise<void> {
    this.#nextReadAt = Number.POSITIVE_INFINITY; // a second look while this one is under way takes the last figure
    const { targetPort, hostilePorts } = this.#options;
    // A look costs the kernel 10 ms of a core even when the list is short; one in which none of ours stood is left out.
    const paths = this.#unread && this.#unread.paths.length > 0 ? this.#unread.paths : undefined;
    this.#unread = await readUnread({ targetPort, hostilePorts: hostilePorts() }, paths);
    this.#nextReadAt = now + ((this.#unread?.connections ?? 0) < MANY ? READ_EVERY_MS : READ_MANY_EVERY_MS);
  }
}

async function usableCores(): Promise<number> {
  return Math.min(availableParallelism(), (await cgroupLimits()).cores ?? Number.POSITIVE_INFINITY);
}
