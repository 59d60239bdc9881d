import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { describeWithPhp } from '../../support/php.js';
import { measure, SHORT_LOAD } from './measuring.js';

/** The PHP server on a port that it is free to take; disposal ends it. */
async function startPhpServer() {
  for (let tries = 0; tries < 10; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const child = spawn('php', ['test/interop/php/websocket_server.php', String(port)], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
    if (first === undefined) continue;
    return {
      url: `ws://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  throw new Error('php listens on none of ten ports');
}

describeWithPhp('a run against the PHP server, which acknowledges nothing', () => {
  it('finds out who listens, and that everything came once, though not in the bytes that were sent', async () => {
    await using server = await startPhpServer();
    const load = { arrivals: { kind: 'constant', rate: 20 } as const, phases: { ...SHORT_LOAD.phases, holdMs: 2000 } };
    const { deliveries, notifications, connections, used } = await measure(server.url, load);
    expect(used).toMatchObject({ publishers: 'ephemeral', subprotocol: null });
    expect(connections).toMatchObject({ connected: 20, ready: 20, failed: { count: 0 }, disconnected: { count: 0 } });
    expect(notifications).toMatchObject({ planned: 40, sent: 40, refused: { count: 0 }, unknown: { count: 0 }, unanswered: 0 });
    const { perSecond, ...counts } = deliveries;
    expect(counts).toEqual({ expected: 200, delivered: 200, lost: 0, duplicated: 0, misdelivered: 0, reordered: 0, corrupt: 0 });
  });
});
