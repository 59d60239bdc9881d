import { LIMITS, readSubscription, type Subscription, type Topic, topicKey } from '../../protocol/index.js';
import { type Arrival, kindOf } from '../client/arrival.js';
import type { LineClient } from '../client/line-client.js';
import { assertServed, publishEphemeral } from './publish.js';
import { awaitPong } from './ready.js';
import type { Scene } from './scene.js';
import { StepFailure } from './step-failure.js';
import { witnessFilters } from './witness.js';

const FENCE_MEMBER = 'wsn-fence';

/**
 * Waits until everything has come to a client that the server had to send it for what was published so far: a later
 * notification of the same topic has come, and a topic has one order.
 * @throws StepFailure when that notification does not come.
 */
export async function passFence(scene: Scene, line: LineClient): Promise<void> {
  if (line.end && line.isEndClaimed) return; // nothing can come any more
  await awaitPong(scene, line);
  const published = scene.ledger.all;
  const since = scene.fencedUpTo.get(line.name) ?? 0;
  // What was published by other steps than notify is not known here: it may be in any topic that the client wants.
  const wanted = scene.hasPublishedUnseen ? line.askedFor.subscriptions : [];
  const candidates: readonly Topic[] = [...published.slice(since).map(({ notification }) => notification), ...wanted];
  const topics = new Map<string, Topic>(candidates.filter(isTopic).map((topic) => [topicKey(topic), topic]));
  for (const topic of topics.values()) await fenceTopic(scene, line, { package: topic.package, page: topic.page });
  scene.fencedUpTo.set(line.name, scene.ledger.all.length);
}

/** A scenario publishes also what a server has to refuse: where there is no topic, nothing can come. */
function isTopic({ package: name, page }: Topic): boolean {
  try {
    readSubscription({ package: name, page, filters: {} }, '');
    return true;
  } catch {
    return false;
  }
}

/**
 * Passes the fence, then nothing may be there that no step has claimed.
 * @throws StepFailure with what is there.
 */
export async function judge(scene: Scene, line: LineClient): Promise<void> {
  await passFence(scene, line);
  const unclaimed = unexpected(line);
  if (unclaimed.length === 0) return;
  const count = unclaimed.length === 1 ? 'a message' : `${unclaimed.length} messages`;
  const [oldest] = unclaimed as [Arrival];
  throw new StepFailure(`${line.name} received ${count} that no step expects${aboutDuplicate(scene, line, oldest)}`, {
    expected: 'nothing more',
    actual: unclaimed.map(({ text }) => text).join('\n'),
  });
}

/** What nobody has claimed, without what a server of `wsn.v1` says of itself: hellos, marks, and answers to sets. */
function unexpected(line: LineClient): readonly Arrival[] {
  const repeated = line.inbox.fences.filter(({ token }, index) => line.inbox.fences.findIndex((one) => one.token === token) !== index);
  const unclaimed = [...line.inbox.arrivals.filter((arrival) => !arrival.isClaimed), ...repeated];
  if (line.dialect === 'base') return unclaimed;
  const due = new Set([...first(line, 'hello', line.openings), ...first(line, 'subscribed', line.askedFor.setsSent)]);
  return unclaimed.filter((arrival) => kindOf(arrival) !== 'mark' && !due.has(arrival));
}

function first(line: LineClient, kind: string, count: number): readonly Arrival[] {
  return line.inbox.arrivals.filter((arrival) => kindOf(arrival) === kind).slice(0, count);
}

function aboutDuplicate(scene: Scene, line: LineClient, { token }: Arrival): string {
  const published = scene.ledger.find(token);
  if (!published) return '';
  const isTwice = line.inbox.arrivals.filter((arrival) => arrival.token === token).length > 1;
  return isTwice ? `: ${published.name ?? 'a notification'} came more than once` : '';
}

async function fenceTopic(scene: Scene, line: LineClient, topic: Topic): Promise<void> {
  const wanted = line.askedFor.subscriptions.filter((one) => topicKey(one) === topicKey(topic));
  const filters = wanted.map(witnessFilters).find((one) => one !== undefined);
  if (filters) return publishFence(scene, line, { ...topic, filters });
  const before = line.askedFor.subscriptions;
  const id = `fence-${line.askedFor.setsSent + 1}`;
  const kept = before.length < LIMITS.subscriptions ? before : [];
  await ask(scene, line, [...kept, { ...topic, filters: { [FENCE_MEMBER]: id } }], id);
  await publishFence(scene, line, { ...topic, filters: { [FENCE_MEMBER]: id } });
  await ask(scene, line, before, `${id}-end`);
}

async function publishFence(
  scene: Scene,
  line: LineClient,
  notification: Topic & { readonly filters: Subscription['filters'] },
): Promise<void> {
  const fence = scene.ledger.fence(JSON.stringify(notification));
  assertServed(await publishEphemeral(scene, fence));
  const arrival = await line.until(() => line.inbox.fences.find(({ token }) => token === fence.token), scene.stepTimeoutMs);
  if (!arrival) {
    const end = line.end ?? line.closeFrame;
    const why = end
      ? `${line.name} was closed with ${end.code} ${end.reason}`.trimEnd()
      : `it did not come within ${scene.stepTimeoutMs} ms`;
    throw new StepFailure(`a notification that ${line.name} has to receive was published as a fence: ${why}`, {
      expected: fence.text,
      actual: line.inbox.arrivals.map(({ text }) => text).join('\n') || 'nothing',
    });
  }
}

/** Replaces the set of a client for the fence; a `wsn.v1` server answers it. */
async function ask(scene: Scene, line: LineClient, subscriptions: readonly Subscription[], id: string): Promise<void> {
  const named = line.dialect === 'v1' ? { id } : {};
  line.send(JSON.stringify({ sender: 'client', ...named, subscriptions }));
  await awaitPong(scene, line);
}
