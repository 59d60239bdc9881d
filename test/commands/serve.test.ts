import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openPeer } from '../../src/peer/index.js';
import { environment, type RunningWsn, runWsn, spawnWsn, WSN } from '../support/wsn.js';
import { messageFor, publish } from './publish.js';

const QUIET = ['serve', '--host', '127.0.0.1', '--port', '0'];

interface Listening {
  readonly url: string;
  readonly port: number;
}

async function listening(running: RunningWsn): Promise<Listening> {
  const [line] = await running.waitFor(/^\{.*"msg":"listening"\}$/m);
  return JSON.parse(line) as Listening;
}

/** Connects and waits for the handshake's answer; it never answers anything else. */
async function silentPeer(port: number): Promise<AsyncDisposable> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  return {
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

describe('wsn serve', () => {
  it('says in one line where it listens, what to try next and who may publish', async () => {
    await using running = spawnWsn([...QUIET, '--log-level', 'error']);
    const { url, port } = await listening(running);
    expect(running.stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse(running.stdout)).toMatchObject({
      level: 'info',
      host: '127.0.0.1',
      try: `wsn subscribe --url ${url} --package amaiia_msg_srv --channel 2`,
      open: 'publishing is open to this machine only, subscribing to this machine',
    });
    expect(url).toBe(`ws://127.0.0.1:${port}`);
    expect(running.stderr).toBe('');
  });

  it('listens on all interfaces by default and names who else may publish', async () => {
    await using running = spawnWsn(['serve', '--port', '0', '--allow-publish', '10.0.0.0/8', '--allow-publish', 'fd00::/8']);
    await listening(running);
    expect(JSON.parse(running.stdout)).toMatchObject({
      host: '0.0.0.0',
      open: 'publishing is open to this machine and 10.0.0.0/8 and fd00::/8, subscribing to everyone',
    });
  });

  it.each([
    ['127.0.0.1', ''],
    ['0.0.0.0', ' (all interfaces)'],
    ['::', ' (all interfaces)'],
    ['[::]', ' (all interfaces)'],
  ])('says who may ask for metrics at --admin-host %s', async (host, everywhere) => {
    await using running = spawnWsn([...QUIET, '--log-format', 'pretty', '--admin-port', '0', '--admin-host', host]);
    const [, said] = await running.waitFor(/metrics at http:\/\/127\.0\.0\.1:\d+\/metrics(.*)\n/);
    expect(said).toBe(everywhere);
  });

  it('takes its options from the environment too', async () => {
    await using running = spawnWsn(['serve'], {
      env: { WSN_PORT: '0', WSN_HOST: '127.0.0.1', WSN_ALLOW_PUBLISH: '10.0.0.0/8,192.168.0.0/16' },
    });
    await listening(running);
    expect(running.stdout).toContain('this machine and 10.0.0.0/8 and 192.168.0.0/16');
  });

  it('logs as lines for people on request, and escapes what peers wrote', async () => {
    await using running = spawnWsn([...QUIET, '--log-format', 'pretty']);
    const [, url] = await running.waitFor(
      /^wsn listening on (ws:\S+) · try: wsn subscribe --url \S+ --package amaiia_msg_srv --channel 2 · publishing/,
    );
    await publish(url as string, { package: 'p', page: 'q\u001b[2J\u009b' });
    await running.waitFor(/INFO: notification .*page=q\\u001b\[2J\\u009b/);
    for (const control of ['\u001b', '\u009b']) expect(running.stdout).not.toContain(control);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('says goodbye to every peer with 1001 at %s and ends with 0 (R-4.1)', async (signal) => {
    await using running = spawnWsn(QUIET);
    const { url } = await listening(running);
    const peer = new WebSocket(url);
    await new Promise((resolve) => peer.once('open', resolve));
    const closed = new Promise<number>((resolve) => peer.once('close', resolve));
    running.kill(signal);
    await expect(closed).resolves.toBe(1001);
    await expect(running.exit).resolves.toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('ends at once at a second signal', async () => {
    await using running = spawnWsn([...QUIET, '--drain-timeout', '60s']);
    const { port } = await listening(running);
    await using _peer = await silentPeer(port);
    running.kill('SIGINT');
    running.kill('SIGTERM');
    // The system may hand them over in either order; the second one gives the code.
    expect([130, 143]).toContain((await running.exit).code);
  });

  it.each([
    ['is closed', (child: ChildProcess) => child.disconnect()],
    ['stays open, at SIGTERM', (child: ChildProcess) => child.kill('SIGTERM')],
  ])('forked, ends with 0 when the channel to whoever forked it %s', async (_, end) => {
    const child = fork(WSN, QUIET, { silent: true, env: environment() });
    const exit = once(child, 'exit');
    const [line] = (await once(child.stdout as Readable, 'data')) as [Buffer];
    const { port } = JSON.parse(String(line)) as Listening;
    await using peer = await openPeer({ host: '127.0.0.1', port });
    end(child);
    expect(await peer.closed).toMatchObject({ code: 1001 });
    expect(await exit).toEqual([0, null]);
  });

  it('goes on when the reader of its log has gone', async () => {
    await using running = spawnWsn(QUIET);
    const { url } = await listening(running);
    running.closeStdout();
    for (const id of ['1', '2', '3']) await publish(url, messageFor('2', id));
    running.kill('SIGTERM');
    await expect(running.exit).resolves.toMatchObject({ code: 0, stderr: '' });
  });

  it('on a port in use is one line and exit 3', async () => {
    await using running = spawnWsn(QUIET);
    const { port } = await listening(running);
    await expect(runWsn(['serve', '--host', '127.0.0.1', '--port', String(port)])).resolves.toMatchObject({
      code: 3,
      stdout: '',
      stderr: `wsn: cannot listen on 127.0.0.1:${port}: something listens there already; choose another --port, or 0 for any free one\n`,
    });
  });

  it('on an address that this machine does not have is one line and exit 3', async () => {
    const { code, stderr } = await runWsn(['serve', '--host', '192.0.2.1', '--port', '0']);
    expect([code, stderr]).toEqual([
      3,
      'wsn: cannot listen on 192.0.2.1:0: this machine has no such address; 0.0.0.0 means all that it has\n',
    ]);
  });

  it.each([
    [['--ping-interval', '5ms'], 'wsn: --ping-interval is 5ms: expected 10ms to 1h\n'],
    [['--ping-interval', '0'], 'wsn: --ping-interval is 0ms: expected 10ms to 1h\n'],
    [['--history-age', '700h'], 'wsn: --history-age is 700h: expected 0ms to 168h\n'],
    [['--max-message', '1'], 'wsn: --max-message is 1B: expected 1KiB to 256MiB\n'],
    [
      ['--history-notifications', '99999999'],
      "wsn: option '--history-notifications <count>' argument '99999999' is invalid. Expected a whole number from 0 to 10000000.\n",
    ],
    [['--allow-publish', '10.0.0.0/99'], 'wsn: --allow-publish has "10.0.0.0/99": expected a network such as 10.0.0.0/8 or fd00::/8\n'],
    [
      ['--max-message', '1TB'],
      "wsn: option '--max-message <size>' argument '1TB' is invalid. Expected a size, such as 65536, 64KiB or 1MiB.\n",
    ],
    [
      ['--history-age', '5'],
      "wsn: option '--history-age <duration>' argument '5' is invalid. Expected a duration, such as 500ms, 10s or 2m.\n",
    ],
  ])('%j is one line and exit 2', async (args, line) => {
    await expect(runWsn([...QUIET, ...args])).resolves.toMatchObject({ code: 2, stdout: '', stderr: line });
  });
});
