import { expect, it, vi } from 'vitest';
import { createStore } from '../../src/client/store.js';
import { startTestBroker } from '../support/broker.js';
import { isOpen, quickClient } from './conversation.js';

/** A store whose snapshots count their readings. */
function counting() {
  let readings = 0;
  const [store, changed] = createStore(() => ({
    state: { kind: 'connecting', attempt: ++readings },
    stats: { received: 0, recovered: 0, repeats: 0, reconnects: 0, published: 0 },
  }));
  return { ...store, changed };
}

it('gives the same object until something has changed, and reads only then', () => {
  const { getSnapshot, changed } = counting();
  const first = getSnapshot();
  expect(getSnapshot()).toBe(first);
  changed();
  changed();
  const second = getSnapshot();
  expect(getSnapshot()).toBe(second);
  expect([first.state, second.state]).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
});

it('tells the same function twice when it was given twice, and once when one of them has ended, twice', () => {
  const { subscribe, changed } = counting();
  const listener = vi.fn();
  const [one, other] = [subscribe(listener), subscribe(listener)];
  changed();
  expect(listener).toHaveBeenCalledTimes(2);
  one();
  one();
  changed();
  expect(listener).toHaveBeenCalledTimes(3);
  other();
  changed();
  expect(listener).toHaveBeenCalledTimes(3);
});

it('takes listeners that come and go within a change: those who come are told of the next', () => {
  const { subscribe, changed, getSnapshot } = counting();
  const late = vi.fn();
  const last = vi.fn();
  const seen: unknown[] = [];
  const stop = subscribe(() => {
    stop();
    subscribe(late);
    seen.push(getSnapshot());
  });
  subscribe(last);
  changed();
  expect([late.mock.calls.length, last.mock.calls.length]).toEqual([0, 1]);
  expect(seen).toEqual([getSnapshot()]);
  changed();
  expect([late.mock.calls.length, last.mock.calls.length, seen.length]).toEqual([1, 2, 1]);
});

it.each([['wsn.v1'], []].map((protocols) => [protocols.join() || 'base', protocols] as const))(
  'of a client tells what it counts, with %s: when a call has its answer, the snapshot has it too',
  async (_, protocols) => {
    await using broker = await startTestBroker();
    await using client = quickClient(broker.url, { protocols });
    const { getSnapshot, subscribe } = client.store;
    const kinds = new Set<string>();
    subscribe(() => kinds.add(getSnapshot().state.kind));
    await client.subscribe({ package: 'p', page: 'q' }, () => {}).ready;
    await isOpen(client);
    const before = getSnapshot();
    expect([before.state.kind, before.stats.published, before.state]).toEqual(['open', 0, client.state]);
    await client.publish({ package: 'p', page: 'q' });
    expect(getSnapshot().stats).toEqual(client.stats);
    expect(getSnapshot().stats.published).toBe(1);
    expect(getSnapshot()).toBe(getSnapshot());
    await client.close();
    expect(getSnapshot().state.kind).toBe('closed');
    expect([...kinds]).toEqual(['open', 'closed']);
  },
);
