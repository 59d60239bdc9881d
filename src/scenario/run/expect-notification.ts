import type { Json } from '../../protocol/index.js';
import type { Arrival } from '../client/arrival.js';
import type { LineClient } from '../client/line-client.js';
import { assertDelivered, claimed, missing, type Wish } from './expect-message.js';
import { passFence } from './fence.js';
import type { Published } from './ledger.js';
import { StepFailure } from './step-failure.js';

export interface NotificationWish {
  /** All that were sent under this name are wanted. */
  readonly name: string;
  readonly order: 'sent' | 'any' | 'same';
  readonly exact: boolean;
  /** A pattern for the whole message. */
  readonly with: Json | undefined;
}

/**
 * Waits until each notification of a name has come, and claims one arrival of each.
 * @returns them in the order in which they came.
 * @throws StepFailure when one is missing, out of order, or not what was sent.
 */
export async function expectNotifications(wish: Wish, wanted: NotificationWish, count: number | undefined): Promise<readonly Arrival[]> {
  const { scene, line } = wish;
  const published = scene.ledger.named(wanted.name);
  if (published.length === 0) throw new StepFailure(`no notification has been sent as ${wanted.name}`, { pointer: '/notification' });
  if (count !== undefined && count !== published.length) {
    throw new StepFailure(`${published.length} notifications have been sent as ${wanted.name}, so ${count} cannot be expected`, {
      pointer: '/count',
    });
  }
  await line.until(() => (lostOf(line, published).length === 0 ? true : undefined), wish.timeoutMs);
  const lost = lostOf(line, published);
  if (lost.length > 0) {
    const what = published.length === 1 ? wanted.name : `${lost.length} of the ${published.length} notifications ${wanted.name}`;
    throw missing(wish, what, {
      wanted: lost
        .map(({ text }) => text)
        .slice(0, 5)
        .join('\n'),
    });
  }
  const arrived = unclaimedByToken(line);
  const found = [...arrived.values()].filter(({ token }) => scene.ledger.find(token)?.name === wanted.name);
  if (wanted.order === 'sent') assertOrder(wish, wanted.name, { published, found });
  for (const arrival of found) {
    assertDelivered(wish, arrival, wanted);
    claimed(arrival);
  }
  return found;
}

/** @throws StepFailure when one of the name is there after a fence. */
export async function expectNoNotification({ scene, line }: Wish, name: string): Promise<void> {
  await passFence(scene, line);
  const tokens = new Set(scene.ledger.named(name).map(({ token }) => token));
  const found = line.inbox.arrivals.filter(({ token, isClaimed }) => token !== undefined && !isClaimed && tokens.has(token));
  if (found.length === 0) return;
  throw new StepFailure(`${line.name} received ${name}, which it must not receive`, {
    expected: `nothing of ${name}, with the subscriptions ${JSON.stringify(line.askedFor.subscriptions)}`,
    actual: found.map(({ text }) => text).join('\n'),
  });
}

/** @throws StepFailure unless all clients got the same notifications in the same order. */
export function expectSameOrder(names: readonly string[], orders: readonly (readonly string[])[]): void {
  const [first = []] = orders;
  for (const [index, order] of orders.entries()) {
    const at = order.findIndex((token, position) => token !== first[position]);
    if (at === -1) continue;
    throw new StepFailure(
      `${names[index]} received the notifications in another order than ${names[0]}: they differ from number ${at + 1} on`,
      {
        pointer: '/order',
      },
    );
  }
}

/** The first unclaimed arrival of each notification, in the order in which they came. */
function unclaimedByToken(line: LineClient): ReadonlyMap<string, Arrival> {
  const byToken = new Map<string, Arrival>();
  for (const arrival of line.inbox.arrivals) {
    if (arrival.token !== undefined && !arrival.isClaimed && !byToken.has(arrival.token)) byToken.set(arrival.token, arrival);
  }
  return byToken;
}

function lostOf(line: LineClient, published: readonly Published[]): readonly Published[] {
  const arrived = unclaimedByToken(line);
  return published.filter(({ token }) => !arrived.has(token));
}

function assertOrder(
  { line }: Wish,
  name: string,
  { published, found }: { readonly published: readonly Published[]; readonly found: readonly Arrival[] },
): void {
  const at = found.findIndex(({ token }, index) => token !== published[index]?.token);
  if (at === -1) return;
  throw new StepFailure(`${line.name} received ${name} in another order than they were sent: number ${at + 1} is out of place`, {
    expected: published
      .map(({ text }) => text)
      .slice(0, 20)
      .join('\n'),
    actual: found
      .map(({ text }) => text)
      .slice(0, 20)
      .join('\n'),
    rule: 'R-2.9',
  });
}
