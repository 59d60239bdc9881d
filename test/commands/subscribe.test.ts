import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { environment, runWsn, spawnWsn, WSN } from '../support/wsn.js';
import { messageFor, publish } from './publish.js';
import { CHANNELS, messageIds, subscribe } from './subscribe/subscribing.js';

describe('wsn subscribe, piped', () => {
  it('prints what it wants and nothing else, one JSON object a line (R-3.2)', async () => {
    await using broker = await startTestBroker();
    await using running = subscribe(broker.url, ...CHANNELS, '--count', '2');
    await running.waitFor(/^subscribed to amaiia_msg_srv\/messages \{"values":\{"channel":\["2","3"\]\}\} on ws:.*$/m, 'stderr');
    for (const channel of ['4', '2', '4', '3']) await publish(broker.url, messageFor(channel, `to ${channel}`));
    const { code, stdout } = await running.exit;
    expect([code, messageIds(stdout)]).toEqual([0, ['to 2', 'to 3']]);
  });

  it('prints a notification byte for byte with its position (R-2.3, R-5.5)', async () => {
    await using broker = await startTestBroker();
    await using running = subscribe(broker.url, '--package', 'p', '--page', 'q', '--count', '1');
    await running.waitFor(/subscribed/, 'stderr');
    const notification = '{"page":"q", "package":"p","data":{"id":12345678901234567890,"x":85.0},"unknown":"\\u00e9"}';
    await publish(broker.url, notification);
    const { stdout } = await running.exit;
    expect(stdout).toContain(`{"notification":${notification},"position":{"epoch":`);
    expect(JSON.parse(stdout).position.offset).toBe(1);
  });

  it('joins filters: any value of one name, one of several values of another (R-3.2)', async () => {
    await using broker = await startTestBroker();
    await using running = subscribe(broker.url, '--package', 'p', '--filter', 'values.oee', '--filter', 'site=a,b', '--count', '1');
    await running.waitFor(/subscribed/, 'stderr');
    const given = [
      { values: { oee: 85.5 }, site: 'c' },
      { values: {}, site: 'a' },
      { values: { oee: 0 }, site: 'b' },
    ];
    for (const filters of given) await publish(broker.url, { package: 'p', page: 'messages', filters });
    const { stdout } = await running.exit;
    expect(JSON.parse(stdout).notification.filters).toEqual(given[2]);
  });

  it.each([
    [
      'an array',
      [
        { package: 'p', page: 'a' },
        { package: 'p', page: 'b' },
      ],
    ],
    ["a subscriber's message", { sender: 'client', subscriptions: [{ package: 'p', page: 'b' }] }],
    ['one subscription', { package: 'p', page: 'b', filters: null }],
  ])('reads %s from stdin (R-2.2)', async (_, subscriptions) => {
    await using broker = await startTestBroker();
    await using running = subscribe(broker.url, '--subscriptions', '-', '--count', '1');
    running.stdin.end(JSON.stringify(subscriptions));
    await running.waitFor(/subscribed/, 'stderr');
    await publish(broker.url, { package: 'p', page: 'b' });
    await expect(running.exit).resolves.toMatchObject({ code: 0 });
  });

  it.each([
    ['[{"package":"p"}]', 'wsn: stdin: /0/page: expected a non-empty string, found nothing\n'],
    ['[\n{"package":}]', 'wsn: stdin:2:12: not JSON: expected a value\n'],
    ['"p"', "wsn: stdin: expected a subscription, an array of them, or a subscriber's message, found a string\n"],
    [
      `[${'{"package":"p","page":"q"},'.repeat(1000)}{"package":"p","page":"q"}]`,
      'wsn: stdin: expected at most 1000 subscriptions, found 1001\n',
    ],
  ])('with bad subscriptions is one line and exit 2: %.20s', async (input, line) => {
    await expect(runWsn(['subscribe', '--subscriptions', '-'], { input })).resolves.toMatchObject({ code: 2, stdout: '', stderr: line });
  });

  it.each([
    [[], 'wsn: what to subscribe to is missing: give --package, or --subscriptions with a file\n'],
    [['--channel', '2'], 'wsn: --package is missing: a channel or a filter belongs to a package and a page\n'],
    [
      ['--package', 'p', '--filter', 'a=1', '--filter', 'a.b=1'],
      'wsn: The filter a.b and another filter exclude each other: one ends where the other goes on.\n',
    ],
    [['--package', 'p', '--subscriptions', 'f'], "wsn: option '--subscriptions <file>' cannot be used with option '--package <name>'\n"],
    [['--package', ''], 'wsn: /package: expected a non-empty string, found an empty string\n'],
    [
      ['--package', 'p', '--url', 'localhost'],
      /^wsn: option '-u, --url <url>' argument 'localhost' is invalid\. Expected a URL such as ws:/,
    ],
    [
      ['--package', 'p', '--filter', 'values={"channel":["2"]}'],
      /^wsn: option '-f, --filter <path\[=values\]>' argument '.*' is invalid\. Expected plain values, .* use --subscriptions for JSON\.\n$/,
    ],
    [['--package', 'p', '--channel', '["2"]'], /use --subscriptions for JSON\.\n$/],
    [['--package', 'p', '--expect', 'x'], /^wsn: option '--expect <path=value>' argument 'x' is invalid\. Expected PATH=VALUE/],
  ])('%j is one line and exit 2', async (args, line) => {
    const { code, stdout, stderr } = await runWsn(['subscribe', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line instanceof RegExp ? line : new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`));
  });
});

describe('wsn subscribe that waits for something', () => {
  it('takes nothing of what it is to do from the environment', async () => {
    await using broker = await startTestBroker();
    const env = { WSN_PACKAGE: 'x', WSN_PAGE: 'x', WSN_CHANNEL: '9', WSN_FILTER: 'y', WSN_SUBSCRIPTIONS: '/nowhere', WSN_COUNT: '9' };
    const more = { WSN_EXPECT: 'a=b', WSN_TIMEOUT: '1ms', WSN_URL: broker.url };
    await using running = spawnWsn(['subscribe', '--package', 'p', '--count', '1'], { env: { ...env, ...more } });
    await running.waitFor(/^subscribed to p\/messages on /m, 'stderr');
    await publish(broker.url, { package: 'p', page: 'messages' });
    await expect(running.exit).resolves.toMatchObject({ code: 0 });
  });

  it('ends with 0 when a notification has come that holds all that is expected, and prints that one alone', async () => {
    await using broker = await startTestBroker();
    await using running = subscribe(
      broker.url,
      ...CHANNELS,
      '--expect',
      'data.messageId=5',
      '--expect',
      'data.channelId=3',
      '--timeout',
      '20s',
    );
    await running.waitFor(/subscribed/, 'stderr');
    await publish(broker.url, messageFor('2', '5'));
    await publish(broker.url, messageFor('3', '4'));
    await publish(broker.url, messageFor('3', '5'));
    const { code, stdout } = await running.exit;
    expect([code, JSON.parse(stdout).notification.data]).toEqual([0, { messageId: '5', channelId: '3' }]);
  });

  it('ends with 8 when it did not come in time, and says what came instead', async () => {
    await using broker = await startTestBroker();
    await using running = subscribe(broker.url, ...CHANNELS, '--expect', 'data.messageId=5', '--timeout', '2s');
    await running.waitFor(/subscribed/, 'stderr');
    await publish(broker.url, messageFor('2', '4'));
    const { code, stdout, stderr } = await running.exit;
    expect([code, stdout]).toEqual([8, '']);
    expect(stderr).toContain(
      'wsn: not in time, 2s: 0 of 1 notification with data.messageId=5 came (1 other did, the last had data.messageId=4)\n',
    );
  });

  it('ends with 8 when the broker could not be reached until then, with a line for each try', async () => {
    const { code, stdout, stderr } = await runWsn(['subscribe', '--url', 'ws://127.0.0.1:1', ...CHANNELS, '--timeout', '500ms']);
    expect([code, stdout]).toEqual([8, '']);
    expect(stderr).toMatch(
      /^cannot reach ws:\/\/127\.0\.0\.1:1: nobody listens there; is "wsn serve" running\? Trying again in \d\.\d s\n/,
    );
    expect(stderr).toMatch(/wsn: not in time, 500ms: 0 of 1 notification came; (cannot reach ws:\S+: nobody|there is no connection)/);
  });

  it('ends with 3 when the broker cannot be reached and it is not to try again', async () => {
    await expect(runWsn(['subscribe', '--url', 'ws://127.0.0.1:1', ...CHANNELS, '--no-reconnect'])).resolves.toMatchObject({
      code: 3,
      stdout: '',
      stderr: 'wsn: cannot reach ws://127.0.0.1:1: nobody listens there; is "wsn serve" running?\n',
    });
  });

  it('ends with 130 at Ctrl-C before it has come, and with 143 at SIGTERM', async () => {
    await using broker = await startTestBroker();
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      await using running = subscribe(broker.url, ...CHANNELS, '--count', '1');
      await running.waitFor(/subscribed/, 'stderr');
      running.kill(signal);
      const ended = await running.exit;
      expect(ended).toMatchObject({ code, stdout: '' });
      expect(ended.stderr).toContain('wsn: interrupted: 0 of 1 notification came\n');
    }
  });
});

describe('wsn subscribe, until it is stopped', () => {
  it('ends with 0 at Ctrl-C when it waits for nothing', async () => {
    await using broker = await startTestBroker();
    await using running = subscribe(broker.url, ...CHANNELS);
    await running.waitFor(/subscribed/, 'stderr');
    running.kill('SIGINT');
    await expect(running.exit).resolves.toMatchObject({ code: 0, stdout: '' });
  });

  it.each([
    ['', /^ended with 0\n$/],
    ['--count 1000 --timeout 60s', /^wsn: stdout is closed: \d+ of 1000 notifications came\nended with 4\n$/],
    ['--count 2', /^ended with 0\n$/],
  ])('%s ends well when its reader has enough, unless it awaits more', async (options, ending) => {
    await using broker = await startTestBroker();
    const command = `("$0" "$1" subscribe --url ${broker.url} --package amaiia_msg_srv ${options}; echo "ended with $?" >&2) | head -n 1`;
    const shell = spawn('sh', ['-c', command, process.execPath, WSN], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    shell.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    shell.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const closed = once(shell, 'close');
    await expect.poll(() => stderr, { timeout: 10_000 }).toContain('subscribed');
    await expect
      .poll(
        async () => {
          // Again and again: that the reader has gone can be seen by writing alone.
          await publish(broker.url, messageFor('2', 'again'));
          return stderr;
        },
        { timeout: 10_000 },
      )
      .toContain('ended with');
    await closed;
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr.replace(/^subscribed .*\n/, '')).toMatch(ending);
  });
});
