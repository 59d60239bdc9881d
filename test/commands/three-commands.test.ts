import { describe, expect, it } from 'vitest';
import { runWsn, spawnWsn } from '../support/wsn.js';

async function startBroker() {
  const running = spawnWsn(['serve', '--host', '127.0.0.1', '--port', '0', '--log-level', 'error']);
  const [, url] = await running.waitFor(/"url":"(ws:[^"]+)"/);
  return { running, url: url as string };
}

function notify(url: string, ...content: string[]) {
  return runWsn(['notify', '--url', url, ...content]);
}

describe('wsn serve, subscribe and notify together', () => {
  it('bring a message of channel 2 to who wants the channels 2, 3 and 5, and one of channel 4 not (R-3.2)', async () => {
    const { running: broker, url } = await startBroker();
    await using _broker = broker;
    await using subscriber = spawnWsn(['subscribe', '--url', url, '--package', 'amaiia_msg_srv', '--channel', '2,3,5', '--count', '2']);
    await subscriber.waitFor(/subscribed/, 'stderr');
    for (const [channel, message] of [
      ['4', 'not this'],
      ['2', 'this'],
      ['5', 'the fence'],
    ] as const) {
      await expect(notify(url, '--package', 'amaiia_msg_srv', '--values', channel, '--message', message)).resolves.toMatchObject({
        code: 0,
        stderr: '',
      });
    }
    const { code, stdout } = await subscriber.exit;
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).notification.message);
    expect([code, messages]).toEqual([0, ['this', 'the fence']]);
  });

  it('bring every value of a name to who wants any value of it (R-3.2)', async () => {
    const { running: broker, url } = await startBroker();
    await using _broker = broker;
    await using subscriber = spawnWsn([
      'subscribe',
      '--url',
      url,
      '--package',
      'p',
      '--page',
      'machines',
      '--filter',
      'values.oee',
      '--count',
      '2',
    ]);
    await subscriber.waitFor(/subscribed/, 'stderr');
    const given = [{ values: { oee: 85.5 } }, { values: { speed: 1 } }, { values: '2' }];
    for (const filters of given) {
      const input = JSON.stringify({ package: 'p', page: 'machines', filters });
      await expect(runWsn(['notify', '--url', url, '--file', '-'], { input })).resolves.toMatchObject({ code: 0 });
    }
    const { code, stdout } = await subscriber.exit;
    const filters = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).notification.filters);
    expect([code, filters]).toEqual([0, [given[0], given[2]]]);
  });
});
