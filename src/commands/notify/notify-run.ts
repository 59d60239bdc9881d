import { displayUrl } from '../broker/broker-url.js';
import type { Addressee } from '../broker/connection-failure.js';
import { findWay } from '../broker/way.js';
import { EXIT } from '../exit/exit-codes.js';
import { CommandFailure, UsageError } from '../exit/usage-error.js';
import { formatDuration } from '../options/duration.js';
import { Interruption } from './notify-interruption.js';
import { withKeys } from './notify-keys.js';
import type { NotifyOptions, Transport } from './notify-options.js';
import { NotifyReport } from './notify-report.js';
import { findOutgoing } from './notify-source.js';
import { publishAll } from './publish-all.js';
import { endpointOf, httpPublisher } from './publish-http.js';
import { ephemeralPublisher, persistentPublisher } from './publish-socket.js';
import type { Endeavour, Publisher } from './publisher.js';

/** For one notification, in ms; many take as long as they take. */
const DEFAULT_TIMEOUT_MS = 10_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const PUBLISHERS: Record<Transport, (addressee: Addressee, endeavour: Endeavour) => Publisher> = {
  ephemeral: ephemeralPublisher,
  persistent: persistentPublisher,
  http: httpPublisher,
};

/** Options that need a receipt or a key. */
const RECEIPT_OPTIONS = ['expectMatched', 'retry', 'key'] as const;

/** Of the base protocol, in which a key means nothing. */
const KEYS_ARE_IDLE = 'the keys in the messages mean nothing with the ephemeral transport: --transport persistent or http sends them';

/**
 * Publishes what the options say.
 * @param isTyped whether an option stands on the command line, not in the environment.
 * @returns the exit code.
 * @throws CommandFailure for every other end.
 */
export async function runNotify(options: NotifyOptions, isTyped: (name: string) => boolean): Promise<number> {
  refuseWithoutReceipts(options);
  const { url, expectMatched, key, retry = false } = options;
  const found = await findOutgoing(options, isTyped);
  if (!found) return EXIT.interrupted;
  const outgoing = withKeys(found, { key, retry });
  const addressee = { url, way: await findWay(url, options) };
  const isJson = options.json === true || !process.stdout.isTTY;
  const report = new NotifyReport({ outgoing, isJson, expectMatched });
  const timeoutMs = options.timeout ?? (outgoing.length === 1 && !retry ? DEFAULT_TIMEOUT_MS : undefined);
  const hasKeys = outgoing.some((one) => one.key !== undefined);
  if (options.transport === 'ephemeral' && hasKeys) report.notice(KEYS_ARE_IDLE);
  let hasSent = () => false;
  const shownUrl = options.transport === 'http' ? endpointOf(url).href : url;
  using limits = watchLimits(timeoutMs, shownUrl, () => hasSent());
  try {
    const onWait = retry ? (sentence: string) => report.notice(sentence) : undefined;
    await using publisher = PUBLISHERS[options.transport](addressee, { signal: limits.signal, onWait });
    hasSent = () => publisher.hasSent();
    await publishAll(outgoing, publisher, (receipt, index) => report.add(receipt, index));
  } finally {
    report.end();
  }
  report.finish();
  return EXIT.ok;
}

/** @throws UsageError for an option that the transport cannot keep. */
function refuseWithoutReceipts(options: NotifyOptions): void {
  if (options.transport !== 'ephemeral') return;
  const found = RECEIPT_OPTIONS.find((name) => options[name] !== undefined);
  if (found === undefined) return;
  const what = found === 'expectMatched' ? '--expect-matched needs a receipt' : `--${found} needs receipts and keys`;
  throw new UsageError(`${what}, which the ephemeral transport has not: add --transport persistent or http`);
}

/** Aborts at the deadline and at the first signal to end; a second one ends the process at once, as it does without us. */
function watchLimits(timeoutMs: number | undefined, url: string, hasSent: () => boolean): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const late = () => {
    const fate = hasSent() ? 'may or may not have been' : 'was not';
    const message = `no answer from ${displayUrl(url)} within ${formatDuration(timeoutMs ?? 0)}; the notification ${fate} published`;
    controller.abort(new CommandFailure(message, EXIT.timeout));
  };
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
