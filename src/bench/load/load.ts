/** What a load is: who listens, who publishes, when, how much. Complete: what was left out has its default. */
export interface Load {
  /** Connections that subscribe, hostile ones too. */
  readonly subscribers: number;
  readonly channels: number;
  /** How subscribers choose their channels. */
  readonly spread: Spread;
  /** How notifications choose theirs. */
  readonly traffic: Spread;
  /** Subscriptions a subscriber, each to another channel. */
  readonly subscriptions: number;
  /** `auto` offers `wsn.v1` and takes what the broker selects; `base` never offers it; `v1` insists on it. */
  readonly protocol: 'auto' | 'base' | 'v1';
  readonly connect: {
    /** New connections a second; `null`: as fast as `inFlight` allows. */
    readonly rate: number | null;
    /** Handshakes under way at the same time. */
    readonly inFlight: number;
  };
  readonly publishers: {
    /** `auto`: persistent connections where the broker speaks `wsn.v1`, else a connection for each notification. */
    readonly kind: 'auto' | PublisherKind;
    /** That may be open at the same time; `null`: as `PUBLISHER_CONNECTIONS` says. */
    readonly connections: number | null;
  };
  readonly arrivals: Arrivals;
  /** Bytes of a notification. */
  readonly sizeBytes: number;
  readonly phases: {
    /** How long subscribers may take to become ready, once connected. */
    readonly readyMs: number;
    readonly warmUpMs: number;
    readonly holdMs: number;
    /** How long deliveries may fail to come, after the last was sent, until they count as lost. */
    readonly drainMs: number;
  };
  /** Parts of the subscribers, 0 to 1 each, at most 0.9 together, that behave badly; no delivery is expected of them. */
  readonly hostile: Readonly<Record<HostileKind, number>>;
  /** What is broken during the hold, to see what is lost by it; none where it is absent. */
  readonly faults?: readonly PlannedFault[];
  readonly seed: number;
}

export type PublisherKind = 'persistent' | 'ephemeral' | 'http';

/** Connections of publishers where nothing else is said: one keeps one order, the others need several at a time to keep a rate. */
export const PUBLISHER_CONNECTIONS: Readonly<Record<PublisherKind, number>> = { persistent: 1, ephemeral: 256, http: 16 };

/** Which channel is chosen how often: each alike, or the k-th with weight 1 / k^exponent. */
export type Spread = { readonly kind: 'uniform' } | { readonly kind: 'zipf'; readonly exponent: number };

/**
 * When notifications are planned, in notifications a second. A `ramp` changes from one rate to the other over the hold,
 * `steps` divide it into equal parts; the warm-up has the first rate. `max` has no plan: it sends whenever fewer than
 * `window` notifications are ahead of what all their subscribers have received.
 */
export type Arrivals =
  | { readonly kind: 'constant' | 'poisson'; readonly rate: number }
  | { readonly kind: 'ramp'; readonly from: number; readonly to: number }
  | { readonly kind: 'steps'; readonly rates: readonly number[] }
  | { readonly kind: 'max'; readonly window: number };

/**
 * `slow` reads about 10 KB a second; `never` does not read; `half-open` reads, but answers and says nothing, as a phone
 * that has gone to sleep; `reconnecting` breaks its line off each second and comes back.
 */
export type HostileKind = 'slow' | 'never' | 'half-open' | 'reconnecting';

export const HOSTILE_KINDS: readonly HostileKind[] = ['slow', 'never', 'half-open', 'reconnecting'];

/**
 * Something that is broken in the hold, once or again and again. `cut` ends lines of subscribers at once; with `half-open` they
 * neither read nor answer any more, and are given up later; `restart` ends the broker that was started for the run.
 */
export type PlannedFault = LineFault | BrokerRestart;

interface Repeated {
  /** The first time, in ms from the start of the hold. */
  readonly firstMs: number;
  /** From one time to the next; `null`: it happens once. */
  readonly everyMs: number | null;
  /** How long it is until those who were hit come back, or the broker is started again. */
  readonly forMs: number;
}

export interface LineFault extends Repeated {
  readonly kind: 'cut' | 'half-open';
  /** Part of the subscribers that are not hostile, above 0 and up to 1; one at least. */
  readonly share: number;
}

export interface BrokerRestart extends Repeated {
  readonly kind: 'restart';
  readonly signal: 'SIGKILL' | 'SIGTERM';
}

/** A load and how it is judged: what a profile file and the `load` part of a scenario hold. */
export interface Profile {
  readonly load: Load;
  /** As they were written: `latency.p99<50ms`. */
  readonly thresholds: readonly string[];
  readonly limits: Limits;
  /** Threads that receive. */
  readonly workers: number;
}

/** What the generator may at most be held up by; past one of them a run is invalid. */
export interface Limits {
  /** Share (0 to 1) of the notifications of the hold that the generator may be late with by more than `LATE_MS`. */
  readonly lateShare: number;
  /** Longest delay of an event loop of the generator, in ms. */
  readonly loopDelayMs: number;
  /** Share (0 to 1) of the hold that a thread of the generator may be busy. */
  readonly busyShare: number;
  /** Share (0 to 1) of all cores of the machine that the generator may use. */
  readonly cpuShare: number;
  /** Longest pause for garbage collection, in ms. */
  readonly gcPauseMs: number;
  /** Median of what waits unread in the kernel, as the time in which it was sent, in ms. */
  readonly backlogMs: number;
}

/** A notification that leaves this much after its planned moment is late. */
export const LATE_MS = 10;

export const DEFAULT_LIMITS: Limits = {
  lateShare: 0.01,
  loopDelayMs: 200,
  busyShare: 0.95,
  cpuShare: 0.95,
  gcPauseMs: 100,
  backlogMs: 200,
};

/** Notifications a second, and of arrivals `max` how many may be ahead, where nothing else is said. */
export const DEFAULT_RATE = 100;
export const DEFAULT_WINDOW = 64;

export const DEFAULT_LOAD: Load = {
  subscribers: 100,
  channels: 10,
  spread: { kind: 'uniform' },
  traffic: { kind: 'uniform' },
  subscriptions: 1,
  protocol: 'auto',
  connect: { rate: null, inFlight: 64 },
  publishers: { kind: 'auto', connections: null },
  arrivals: { kind: 'constant', rate: DEFAULT_RATE },
  sizeBytes: 200,
  phases: { readyMs: 30_000, warmUpMs: 1000, holdMs: 10_000, drainMs: 5000 },
  hostile: { slow: 0, never: 0, 'half-open': 0, reconnecting: 0 },
  seed: 1,
};
