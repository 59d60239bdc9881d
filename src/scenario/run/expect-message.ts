import type { Json, JsonObject } from '../../protocol/index.js';
import type { Arrival } from '../client/arrival.js';
import type { LineClient } from '../client/line-client.js';
import { mismatch, show } from '../client/pattern.js';
import { differenceFrom } from './delivery.js';
import { passFence } from './fence.js';
import type { Scene } from './scene.js';
import { StepFailure } from './step-failure.js';

/** Whose inbox is looked through, and how long. */
export interface Wish {
  readonly scene: Scene;
  readonly line: LineClient;
  readonly timeoutMs: number;
}

/** One element of a sequence. */
export interface SequenceElement {
  readonly notification?: string | undefined;
  readonly message?: Json | undefined;
  readonly exact?: boolean | undefined;
  readonly with?: Json | undefined;
}

/**
 * Waits for `count` messages that fit, and claims the oldest of them.
 * @throws StepFailure with what there is instead.
 */
export async function expectMessages(wish: Wish, pattern: Json, count: number): Promise<readonly JsonObject[]> {
  const { line } = wish;
  const fitting = () => line.inbox.arrivals.filter(({ isClaimed, message }) => !isClaimed && mismatch(pattern, message) === undefined);
  await line.until(() => (fitting().length >= count ? true : undefined), wish.timeoutMs);
  const found = fitting();
  if (found.length < count)
    throw missing(wish, count === 1 ? 'a message' : `${count} messages`, { wanted: show(pattern), found: found.length });
  return found.slice(0, count).map(claimed);
}

/** @throws StepFailure when a message that fits is there after a fence. */
export async function expectNoMessage(wish: Wish, pattern: Json): Promise<void> {
  await passFence(wish.scene, wish.line);
  const found = wish.line.inbox.arrivals.filter(({ isClaimed, message }) => !isClaimed && mismatch(pattern, message) === undefined);
  if (found.length === 0) return;
  throw new StepFailure(`${wish.line.name} received what it must not receive`, {
    expected: `no message such as ${show(pattern)}`,
    actual: found.map(({ text }) => text).join('\n'),
  });
}

/**
 * Waits for messages in an order, and claims them; others may be between them.
 * @param onFound called for each message with its element.
 * @throws StepFailure with the first element that is missing.
 */
export async function expectSequence<E extends SequenceElement>(
  wish: Wish,
  elements: readonly E[],
  onFound: (element: E, message: JsonObject) => void,
): Promise<void> {
  let after = -1;
  for (const [index, element] of elements.entries()) {
    for (const token of tokensOf(wish.scene, element)) {
      const look = () => indexAfter(wish.line, after, (arrival) => fits(element, token, arrival));
      const at = await wish.line.until(look, wish.timeoutMs);
      if (at === undefined) throw outOfSequence(wish, elements, { index, token, after });
      after = at;
      const arrival = wish.line.inbox.arrivals[at] as Arrival;
      if (token !== undefined) assertDelivered(wish, arrival, element);
      onFound(element, claimed(arrival));
    }
  }
}

/** @throws StepFailure when a notification is not the one that was sent, or the message around it does not fit. */
export function assertDelivered({ scene, line }: Wish, arrival: Arrival, element: Pick<SequenceElement, 'exact' | 'with'>): void {
  const published = scene.ledger.find(arrival.token);
  const difference = published && differenceFrom(published, arrival, element.exact ?? false);
  if (difference) throw new StepFailure(`${line.name}: ${difference}`, { expected: published.text, actual: arrival.text, rule: 'R-2.3' });
  const unlike = element.with === undefined ? undefined : mismatch(element.with, arrival.message);
  if (unlike) {
    throw new StepFailure(
      `${line.name}: the message is not as expected at ${unlike.pointer || '/'}: expected ${unlike.expected}, found ${unlike.found}`,
      {
        expected: show(element.with),
        actual: arrival.text,
        pointer: '/with',
      },
    );
  }
}

/** Says that something did not come, and what did. */
export function missing({ line, timeoutMs }: Wish, what: string, { wanted, found = 0 }: { wanted: string; found?: number }): StepFailure {
  const others = line.inbox.arrivals.filter(({ isClaimed }) => !isClaimed);
  const some = found === 0 ? '' : `, ${found} came`;
  const end = line.end ?? line.closeFrame;
  const why = end ? `the connection was closed with ${end.code} ${end.reason}`.trimEnd() : `within ${timeoutMs} ms`;
  return new StepFailure(`${line.name} did not receive ${what}${some}: ${why}`, {
    expected: wanted,
    actual: others.length === 0 ? 'nothing that no step has claimed' : others.map(({ text }) => text).join('\n'),
  });
}

export function claimed(arrival: Arrival): JsonObject {
  arrival.isClaimed = true;
  return arrival.message;
}

/** For a notification the tokens of all that were sent under its name; one `undefined` for a pattern. */
function tokensOf(scene: Scene, { notification }: SequenceElement): readonly (string | undefined)[] {
  return notification === undefined ? [undefined] : scene.ledger.named(notification).map(({ token }) => token);
}

function fits(element: SequenceElement, token: string | undefined, arrival: Arrival): boolean {
  if (arrival.isClaimed) return false;
  return token === undefined ? mismatch(element.message ?? {}, arrival.message) === undefined : arrival.token === token;
}

function indexAfter(line: LineClient, after: number, test: (arrival: Arrival) => boolean): number | undefined {
  const at = line.inbox.arrivals.findIndex((arrival, index) => index > after && test(arrival));
  return at === -1 ? undefined : at;
}

function outOfSequence(
  wish: Wish,
  elements: readonly SequenceElement[],
  { index, token, after }: { readonly index: number; readonly token: string | undefined; readonly after: number },
): StepFailure {
  const element = elements[index] as SequenceElement;
  const isEarly = wish.line.inbox.arrivals.some((arrival, at) => at <= after && fits(element, token, arrival));
  const wanted = element.notification ?? show(element.message);
  const failure = missing(wish, `element ${index + 1} of the sequence${isEarly ? ' after those before it: it came earlier' : ''}`, {
    wanted,
  });
  return new StepFailure(failure.message, { expected: failure.expected, actual: failure.actual, pointer: `/sequence/${index}` });
}
