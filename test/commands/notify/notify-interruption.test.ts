import { describe, expect, it } from 'vitest';
import { eventually, startFakeBroker } from '../../client/fake-broker.js';
import { startTestBroker } from '../../support/broker.js';
import { spawnWsn } from '../../support/wsn.js';

const notifications = (count: number) =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ package: 'p', page: 'q', data: index })).join('\n');

/** Answers the first publications with receipts, and no other. */
function startForgetful(answered: number) {
  return startFakeBroker({
    onPeer: (peer) =>
      peer.socket.on('message', (data) => {
        if (peer.messages.length > answered) return;
        const { id } = JSON.parse(String(data)) as { id: string };
        peer.say({
          sender: 'server',
          id,
          receipt: { position: { epoch: 'k', offset: peer.messages.length }, matched: 0, duplicate: false },
        });
      }),
  });
}

describe('wsn notify that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('says how many it has published (%s, exit %i)', async (signal, code) => {
    await using broker = await startForgetful(3);
    await using running = spawnWsn(['notify', '--url', broker.url, '-t', 'persistent', '--file', '-']);
    running.stdin.end(notifications(10));
    await running.waitFor(/"offset":3.*\n/);
    running.kill(signal);
    const message = 'wsn: interrupted: 3 of 10 published, up to 7 more may have been, from notification 4 of 10 (stdin:4) on\n';
    expect(await running.exit).toMatchObject({ code, stderr: message });
  });

  it.each(['ephemeral', 'persistent'])('says that one may have been published (%s)', async (transport) => {
    await using broker = await startFakeBroker();
    await using running = spawnWsn(['notify', '--url', broker.url, '-t', transport, '--package', 'p']);
    await (await broker.peer(0)).heard(0);
    running.kill('SIGINT');
    const message = 'wsn: interrupted; the notification may or may not have been published\n';
    expect(await running.exit).toMatchObject({ code: 130, stdout: '', stderr: message });
  });

  it('says that one was not published while it waited for a broker', async () => {
    await using running = spawnWsn(['notify', '--url', 'ws://127.0.0.1:1', '-t', 'persistent', '--retry', '--package', 'p']);
    await running.waitFor(/rying again/, 'stderr');
    running.kill('SIGINT');
    const { code, stderr } = await running.exit;
    expect([code, stderr.trimEnd().split('\n').at(-1)]).toEqual([130, 'wsn: interrupted; the notification was not published']);
  });

  it('says so over HTTP, too, and what it says is so', async () => {
    await using broker = await startTestBroker();
    await using running = spawnWsn(['notify', '--url', broker.url, '-t', 'http', '--file', '-']);
    running.stdin.end(notifications(50_000));
    await running.waitFor(/"offset":3\D.*\n/);
    running.kill('SIGINT');
    const { code, stdout, stderr } = await running.exit;
    const [, published, unknown] =
      /^wsn: interrupted: (\d+) of 50000 published, up to (\d+) more may have been, from notification \d+ of 50000 \(stdin:\d+\) on\n$/.exec(
        stderr,
      ) ?? [];
    expect({ code, unknown, receipts: `${stdout.trimEnd().split('\n').length}` }).toEqual({ code: 130, unknown: '1', receipts: published });
    await eventually(() => broker.stats().published - Number(published) <= 1, 'a broker that has what was told');
  });
});

describe('wsn notify whose stdout nobody reads any more', () => {
  it.each([
    [[], 0, ''],
    [
      ['--expect-matched', '1'],
      4,
      'wsn: notification 1 of 2000 (stdin:1) went to 0 subscribers, expected at least 1 (and 1999 more of them to too few)\n',
    ],
  ])('publishes all, and ends as it would have with a reader (%j, exit %i)', async (options, code, stderr) => {
    await using broker = await startTestBroker();
    await using running = spawnWsn(['notify', '--url', broker.url, '-t', 'http', '--file', '-', ...options]);
    running.stdin.end(notifications(2000));
    await running.waitFor(/\n/);
    running.closeStdout();
    expect(await running.exit).toMatchObject({ code, stderr });
    expect(broker.stats().published).toBe(2000);
  });
});
