import type { Subscription } from '../../protocol/index.js';
import { brokerSocket } from '../broker/broker-socket.js';
import { findWay } from '../broker/way.js';
import { EXIT } from '../exit/exit-codes.js';
import { UsageError } from '../exit/usage-error.js';
import type { SubscribeOptions } from '../subscribe.js';
import { coloursFor } from '../terminal/colours.js';
import { jsonLine, readableLine } from './delivery-line.js';
import { Goal } from './goal.js';
import type { Rewind } from './rewind-notes.js';
import { liveScreen, plainScreen } from './screen.js';
import { subscriptionsFrom } from './subscribe-options.js';
import { askSubscription } from './subscribe-questions.js';
import { SubscriptionRun } from './subscription-run.js';

/** How long the process waits for the broker to answer its goodbye, in ms: Ctrl-C ends it at once, for a user. */
const GOODBYE_MS = 100;

/**
 * Subscribes and prints until what is waited for has come, or until the user or the broker ends it.
 * @returns the exit code.
 * @throws CommandFailure for every other end.
 */
export async function watchNotifications(options: SubscribeOptions): Promise<number> {
  const isInteractive =
    options.input && options.subscriptions !== '-' && [process.stdin, process.stdout, process.stderr].every(({ isTTY }) => isTTY);
  const subscriptions = (await subscriptionsFrom(options)) ?? (await ask(isInteractive));
  if (!subscriptions) return EXIT.interrupted;
  const way = await findWay(options.url, options);
  const isJson = options.json === true || !process.stdout.isTTY;
  const pen = await coloursFor(process.stdout, options.color);
  const run = new SubscriptionRun({
    url: options.url,
    way,
    WebSocket: brokerSocket(way),
    subscriptions,
    rewind: rewindOf(options),
    goal: goalOf(options),
    timeoutMs: options.timeout,
    reconnects: options.reconnect,
    isInteractive,
    screen: isInteractive ? await liveScreen() : plainScreen(),
    pen: await coloursFor(process.stderr, options.color),
    render: (delivery) => (isJson ? jsonLine(delivery) : readableLine(delivery, new Date(), pen)),
  });
  try {
    return await run.untilDone();
  } finally {
    setTimeout(() => process.exit(), GOODBYE_MS).unref();
  }
}

function goalOf({ expect, count, timeout }: SubscribeOptions): Goal {
  const isWaiting = expect !== undefined || timeout !== undefined;
  return new Goal(expect ?? [], count ?? (isWaiting ? 1 : undefined));
}

function rewindOf({ last, fromStart }: SubscribeOptions): Rewind | undefined {
  if (last !== undefined) return { last };
  return fromStart ? 'from the start' : undefined;
}

async function ask(isInteractive: boolean): Promise<readonly Subscription[] | undefined> {
  if (!isInteractive) throw new UsageError('what to subscribe to is missing: give --package, or --subscriptions with a file');
  const answer = await askSubscription(undefined, new AbortController().signal);
  return answer && [answer];
}
