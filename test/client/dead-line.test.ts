import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestBroker } from '../support/broker.js';
import { type ClientState, createClient } from '../support/one-set-client.js';
import { eventually } from './fake-broker.js';
import { startStalledLine } from './stalled-line.js';

const A = { package: 'p', page: 'a' };

it('notices a line that is dead and was never closed, and goes on over another one without a loss (R-5.6)', async () => {
  await using broker = await startTestBroker({ pingIntervalMs: 200 });
  await using line = await startStalledLine(broker.port);
  const data: unknown[] = [];
  const states: ClientState[] = [];
  await using client = createClient({
    url: line.url,
    WebSocket,
    backoff: { initialMs: 5, maxMs: 20 },
    onNotification: ({ notification }) => data.push(notification.data),
    onState: (state) => states.push(state),
    onReset: () => expect.unreachable(),
  });
  await using publisher = createClient({ url: broker.url, WebSocket });
  await client.subscribe([A]);
  await publisher.publish({ ...A, data: 'before' });
  await eventually(() => data.length === 1, 'the first');
  line.stall();
  // Two on their way to where nobody listens, one of its own into the void: this one is sent again, and counts once.
  for (const one of ['one', 'two']) await publisher.publish({ ...A, data: one });
  const answer = client.publish({ ...A, data: 'own' }, { retry: true });
  expect((await answer)?.position.offset).toBe(4);
  await eventually(() => data.length === 4, 'all of it');
  await publisher.publish({ ...A, data: 'live' });
  await eventually(() => data.at(-1) === 'live', 'what is live');
  expect(data).toEqual(['before', 'one', 'two', 'own', 'live']);
  const waiting = states.find(({ kind }) => kind === 'waiting');
  expect(waiting).toMatchObject({ because: expect.stringMatching(/^nothing heard for \d+(\.\d)? s$/) });
  expect(client.stats.recovered).toBeGreaterThanOrEqual(2);
  expect(client.stats.repeats).toBe(0);
});
