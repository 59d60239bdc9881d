import { displayUrl } from '../broker/broker-url.js';
import type { Addressee } from '../broker/connection-failure.js';
import { findWay } from '../broker/way.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure, UsageError } from '../exit/usage-error.js';
import { formatDuration } from '../options/duration.js';
import { Interruption } from './notify-interruption.js';
import type { NotifyOptions, Transport } from './notify-options.js';
import { NotifyReport } from './notify-report.js';
import { findOutgoing } from './notify-source.js';
import { publishAll } from './publish-all.js';
import { httpPublisher } from './publish-http.js';
import { ephemeralPublisher, persistentPublisher } from './publish-socket.js';
import type { Publisher } from './publisher.js';

/** For one notification, in ms; many take as long as they take. */
const DEFAULT_TIMEOUT_MS = 10_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const PUBLISHERS: Record<Transport, (addressee: Addressee, signal: AbortSignal) => Publisher> = {
  ephemeral: ephemeralPublisher,
  persistent: persistentPublisher,
  http: httpPublisher,
};

/**
 * Publishes what the options say.
 * @param isTyped whether an option stands on the command line, not in the environment.
 * @returns the exit code.
 * @throws CommandFailure for every other end.
 */
export async function runNotify(options: NotifyOptions, isTyped: (name: string) => boolean): Promise<number> {
  if (options.expectMatched !== undefined && options.transport === 'ephemeral') {
    throw new UsageError('--expect-matched needs a receipt, which the ephemeral transport has not: add --transport persistent or http');
  }
  const outgoing = await findOutgoing(options, isTyped);
  if (!outgoing) return EXIT.interrupted;
  const addressee = { url: options.url, way: await findWay(options.url, options) };
  const isJson = options.json === true || !process.stdout.isTTY;
  const report = new NotifyReport({ outgoing, isJson, expectMatched: options.expectMatched });
  const timeoutMs = options.timeout ?? (outgoing.length === 1 ? DEFAULT_TIMEOUT_MS : undefined);
  using limits = watchLimits(timeoutMs, options.url);
  try {
    await using publisher = PUBLISHERS[options.transport](addressee, limits.signal);
    await publishAll(outgoing, publisher, (receipt, index) => report.add(receipt, index));
  } finally {
    report.end();
  }
  report.finish();
  return EXIT.ok;
}

/** Aborts at the deadline and at the first signal to end; a second one ends the process at once, as it does without us. */
function watchLimits(timeoutMs: number | undefined, url: string): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const message = `no answer from ${displayUrl(url)} within ${formatDuration(timeoutMs ?? 0)}; the notification may or may not have been published`;
  const late = () => controller.abort(new CommandFailure(message, EXIT.timeout));
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  const interrupt = (signal: NodeJS.Signals) => {
    unwatch();
    controller.abort(new Interruption(signal));
  };
  const unwatch = () => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      unwatch();
    },
  };
}
