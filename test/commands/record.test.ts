import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordCommand } from '../../src/commands/record.js';
import { openPeer } from '../../src/peer/index.js';
import { ca, startTlsFront } from '../bench/tls-front.js';
import { startTestBroker } from '../support/broker.js';
import { CTRL_C, describeOnTerminal, HIDE_CURSOR, plain, SHOW_CURSOR } from '../support/pty.js';
import { type RunningWsn, runWsn, spawnWsn } from '../support/wsn.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsn-record-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Where a `wsn record` says that clients are to connect. */
async function address(running: RunningWsn, stream: 'stdout' | 'stderr' = 'stderr'): Promise<string> {
  const [, url] = await running.waitFor(/connect to (ws:\/\/127\.0\.0\.1:\d+)/, stream);
  return url as string;
}

async function useOnce(url: string): Promise<void> {
  await using subscriber = spawnWsn(['subscribe', '--url', url, '--package', 'shop', '--count', '1']);
  await subscriber.waitFor(/subscribed/, 'stderr');
  expect((await runWsn(['notify', '--url', url, '--package', 'shop', '--message', 'Hello'])).code).toBe(0);
  expect((await subscriber.exit).code).toBe(0);
}

describe('wsn record', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('writes at %s what wsn test can play again', async (signal) => {
    await using broker = await startTestBroker();
    const out = join(folder, `My Session.${signal}.yaml`);
    await using recording = spawnWsn(['record', '--url', broker.url, '--out', out]);
    await useOnce(await address(recording));
    recording.kill(signal);
    const { code, stdout, stderr } = await recording.exit;
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/wrote .*: 2 connections · \d+ messages · 0 HTTP requests; play it again with: wsn test/);
    const file = await readFile(out, 'utf8');
    expect(file).toMatch(/^# yaml-language-server: \$schema=.*scenario\.schema\.json\n/);
    expect(file).toContain(`id: recorded/my-session-${signal.toLowerCase()}\n`);
    expect(file).toContain(`What was recorded from ${broker.url} on ${new Date().toISOString().slice(0, 10)}`);
    const played = await runWsn(['test', out, '--url', broker.url]);
    expect(played, played.stdout).toMatchObject({ code: 0 });
  });

  it('ends by itself with --for, and writes to stdout for -', async () => {
    await using broker = await startTestBroker();
    await using recording = spawnWsn(['record', '--url', broker.url, '--out', '-', '--for', '3s', '--timing']);
    await useOnce(await address(recording));
    const { code, stdout } = await recording.exit;
    expect(code).toBe(0);
    expect(stdout).toContain('id: recorded/session\n');
    expect(stdout).toContain('original timing');
  });

  it('says that nothing was seen, writes nothing and ends with 4', async () => {
    await using broker = await startTestBroker();
    const out = join(folder, 'nothing.yaml');
    const { code, stdout, stderr } = await runWsn(['record', '--url', broker.url, '--out', out, '--for', '50ms']);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('nothing was seen');
    expect(existsSync(out)).toBe(false);
  });

  it('leaves a password and a query out of what it says and writes', async () => {
    await using broker = await startTestBroker();
    const url = broker.url.replace('ws://', 'ws://me:secret@').concat('/path?token=secret');
    await using recording = spawnWsn(['record', '--url', url, '--out', '-']);
    await useOnce(await address(recording));
    recording.kill('SIGINT');
    const { stdout, stderr } = await recording.exit;
    expect(stdout).toContain(`What was recorded from ${broker.url}/path on`);
    expect(stdout + stderr).not.toContain('secret');
  });

  it('passes on by TLS what a client says of itself, and writes none of it (R-7.2)', async () => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const pem = join(folder, 'ca.pem');
    await writeFile(pem, ca);
    await using recording = spawnWsn(['record', '--url', front.url, '--tls-ca', pem, '--out', '-']);
    const port = Number(new URL(await address(recording)).port);
    const headers = { Authorization: 'Bearer secret-1', 'X-Api-Key': 'secret-2' };
    await using peer = await openPeer({ host: '127.0.0.1', port, headers });
    await peer.barrier();
    await peer.close(1000);
    recording.kill('SIGINT');
    const { stdout, stderr } = await recording.exit;
    expect(front.heads.join('\n')).toMatch(/^Authorization: Bearer secret-1\r\nX-Api-Key: secret-2$/m);
    expect(stdout).toContain('`wsn test --token` or `--api-key`');
    expect(stdout + stderr).not.toContain('secret');
  });

  it.each([
    ['no --out', () => [], /required option.*--out/],
    ['a folder for --out', () => ['--out', folder], /it is a folder; name a file in it/],
    ['a folder that there is not', () => ['--out', join(folder, 'no', 'x.yaml')], /there is no folder/],
    [
      'certificates that there are not',
      () => ['--out', '-', '--url', 'wss://127.0.0.1:1', '--tls-ca', join(folder, 'no.pem')],
      /cannot read --tls-ca/,
    ],
    ['a bad port', () => ['--out', '-', '--port', '70000'], /Expected a whole number from 0 to 65535/],
    ['a bad duration', () => ['--out', '-', '--for', '0'], /Expected a duration/],
    ['a bad URL', () => ['--out', '-', '--url', 'nowhere'], /Expected a URL/],
  ])('refuses %s with 2 before anything is connected', async (_, args, message) => {
    const { code, stdout, stderr } = await runWsn(['record', '--url', 'ws://127.0.0.1:1', ...args()]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('ends with 3 when the server cannot be reached', async () => {
    const { code, stderr } = await runWsn(['record', '--url', 'ws://127.0.0.1:1', '--out', '-']);
    expect([code, stderr]).toEqual([3, 'wsn: cannot reach ws://127.0.0.1:1: nobody listens there\n']);
  });

  it('ends with 3 when its port is taken', async () => {
    await using broker = await startTestBroker();
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runWsn(['record', '--url', broker.url, '--out', '-', '--port', String(port)]);
    other.close();
    expect(code).toBe(3);
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: something listens there already`);
  });

  it('keeps a file that is there when nothing was seen', async () => {
    await using broker = await startTestBroker();
    const out = join(folder, 'kept.yaml');
    await writeFile(out, 'kept');
    expect((await runWsn(['record', '--url', broker.url, '--out', out, '--for', '50ms'])).code).toBe(4);
    expect(await readFile(out, 'utf8')).toBe('kept');
  });

  it('has help with examples and exit codes', () => {
    let help = '';
    const command = new Command('wsn').addCommand(recordCommand().configureOutput({ writeOut: (text) => (help += text) }));
    command.commands[0]?.outputHelp();
    expect(help).toContain('wsn record --url ws://127.0.0.1:8000 --out login.yaml');
    expect(help).toContain('Exit codes: 0');
  });
});

describeOnTerminal('wsn record on a terminal', (spawnOnTerminal) => {
  it('counts what it has seen, and gives the cursor back at Ctrl-C', async () => {
    await using broker = await startTestBroker();
    const out = join(folder, 'terminal.yaml');
    await using recording = spawnOnTerminal(['record', '--url', broker.url, '--out', out]);
    await useOnce(await address(recording, 'stdout'));
    await recording.waitFor(/2 connections/);
    recording.stdin.write(CTRL_C);
    const { code, stdout } = await recording.exit;
    expect(code).toBe(0);
    expect(plain(stdout)).toContain(`wrote ${out}`);
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
  });
});
