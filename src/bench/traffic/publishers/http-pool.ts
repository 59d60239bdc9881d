import autocannon from 'autocannon';
import { trustOptions } from '../../../peer/index.js';
import type { Way } from '../../way.js';
import { HttpLine, type HttpLineEvents } from './http-line.js';

/** In seconds, about the longest that a timer takes: when to end and what is too slow is not autocannon's to decide here. */
const NEVER = 2_000_000;

/** Pause, in ms, between autocannon's looks at whether it was stopped. */
const STOP_CHECK_MS = 100;

/** The connections of one run of autocannon. */
export interface HttpPool {
  /** Resolves when each connection is there, or has turned out to be impossible. */
  readonly ready: Promise<void>;
  /** Those that are of use. */
  readonly size: number;
  /** Ends them at once, telling of what is under way; resolves when autocannon has ended, too. */
  end(why: string): Promise<void>;
}

/** Where it connects, and by which way. */
export interface HttpPoolOptions extends Way {
  readonly url: string;
  readonly connections: number;
}

/** Has autocannon open connections for `POST` requests with JSON bodies; what they tell goes to `events`. */
export function openHttpPool(options: HttpPoolOptions, events: HttpLineEvents): HttpPool {
  const lines = new Set<HttpLine>();
  const unsettled = new Set<HttpLine>();
  let onReady = () => {};
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  const settle = (line: HttpLine) => {
    if (unsettled.delete(line) && unsettled.size === 0) onReady();
  };
  const watched: HttpLineEvents = {
    ...events,
    onFree(line) {
      settle(line);
      events.onFree(line);
    },
    onEnded(line, why) {
      lines.delete(line);
      settle(line);
      events.onEnded(line, why);
    },
  };
  const setupClient = (client: autocannon.Client) => {
    const line = new HttpLine(client, watched, options.tls?.insecure);
    lines.add(line);
    unsettled.add(line);
  };
  const run = start(options, setupClient);
  return {
    ready,
    get size() {
      return lines.size;
    },
    async end(why) {
      for (const line of [...lines]) line.end(why);
      run.stop();
      await run.ended;
    },
  };
}

/** Its result is not wanted: what it took for latencies counts the pauses of the plan. */
function start({ url, connections, headers, tls }: HttpPoolOptions, setupClient: (client: autocannon.Client) => void) {
  let onEnd = () => {};
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const run = autocannon(
    {
      url,
      connections,
      setupClient,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      ...(tls ? { tlsOptions: trustOptions(tls) } : {}),
      duration: NEVER,
      timeout: NEVER,
      sampleInt: STOP_CHECK_MS,
      skipAggregateResult: true,
    },
    () => onEnd(),
  );
  return { ended, stop: () => run.stop() };
}
