import { expect, it } from 'vitest';
import { startFakeServer } from '../run/fake-server.js';
import { outcomeOf, runSteps } from '../run/running.js';

it('ready opens a client that is named twice once', async () => {
  await using server = await startFakeServer();
  expect(outcomeOf(await runSteps(server.url, ['ready: [alice, alice]'], { clients: 'alice: {}' }))).toBe('passed');
  expect(server.connections).toHaveLength(1);
});
