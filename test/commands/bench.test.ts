import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/bench/result.js';
import { openPeer } from '../../src/peer/index.js';
import { startFaultyBroker } from '../bench/faulty-broker.js';
import { describeOnTerminal, HIDE_CURSOR, plain, SHOW_CURSOR } from '../support/pty.js';
import { runWsn, spawnWsn } from '../support/wsn.js';

/** A load of a few hundred deliveries in half a second. */
const SMALL = ['--subscribers', '10', '--channels', '2', '--rate', '200', '--duration', '400ms', '--warm-up', '100ms'];
const LONG = ['--subscribers', '10', '--channels', '2', '--rate', '200', '--duration', '1h', '--warm-up', '0'];

const isGone = (url: string) =>
  openPeer({ host: '127.0.0.1', port: Number(new URL(url).port) }).then(
    () => false,
    (error) => error.code === 'ECONNREFUSED',
  );

describe('wsn bench', () => {
  it('starts a broker of its own, loads it, reports that all came, and stops it', async () => {
    const { code, stdout, stderr } = await runWsn(['bench', ...SMALL]);
    expect(stderr).toContain('awaiting the last: sent 100 of 100, delivered ');
    expect(stdout).toMatch(/^ {2}warm-up +20 {2}sent before$/m);
    expect(stdout).toMatch(/^ {2}sent +80 {2}of 80, at \d+\/s, planned 200\/s$/m);
    expect(stdout).toMatch(/^ {2}delivered +500 {2}of 500 in all, [\d,]+\/s measured$/m);
    for (const fault of ['lost', 'duplicated', 'misdelivered', 'reordered', 'corrupt']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${fault} +0$`, 'm'));
    }
    expect(stdout).toContain('✓ every delivery came once, whole, in order, and only where it was wanted');
    expect(code).toBe(0);
    expect(await isGone(/^wsn bench (\S+)$/m.exec(stdout)?.[1] ?? '')).toBe(true);
  });

  it('prints one JSON object with --json', async () => {
    const { code, stdout } = await runWsn(['bench', ...SMALL, '--json', '--seed', '7', '--publishers', 'ephemeral']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const result = JSON.parse(stdout) as BenchResult;
    expect(result).toMatchObject({ ok: true, options: { seed: 7, publishers: 'ephemeral' }, deliveries: { expected: 500, lost: 0 } });
    expect(result.latencyMs.samples).toBe(400);
    expect(code).toBe(0);
  });

  it('ends with 4 when a broker loses or repeats deliveries', async () => {
    const handle = (number: number, text: string) => ({ toReceiver: number % 100 === 0 ? [] : number % 150 === 0 ? [text, text] : [text] });
    await using broker = await startFaultyBroker({ speaksV1: true, handle });
    const { code, stdout } = await runWsn(['bench', ...SMALL, '--url', broker.url]);
    expect(stdout).toMatch(/^ {2}lost +5$/m);
    expect(stdout).toMatch(/^ {2}duplicated +2$/m);
    expect(stdout).toContain('✗ not everything came once, whole, in order, and only where it was wanted');
    expect(code).toBe(4);
  });

  it('ends with 4 where publishing is refused, and says why in a line that a terminal survives', async () => {
    await using broker = await startFaultyBroker({ speaksV1: true, refuse: () => 'not you \u001b[2J' });
    const { code, stdout, stderr } = await runWsn(['bench', ...SMALL, '--url', broker.url]);
    expect(stderr).toBe('wsn: the broker does not take notifications from here: forbidden: not you \\u001b[2J\n');
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });

  it('ends with 3 when nobody listens', async () => {
    const broker = await startFaultyBroker();
    await broker[Symbol.asyncDispose]();
    const { code, stderr } = await runWsn(['bench', ...SMALL, '--url', broker.url]);
    expect(stderr).toBe(`wsn: cannot reach ${broker.url}: nobody listens there\n`);
    expect(code).toBe(3);
  });

  it.each([
    [['--rate', '0'], "option '-r, --rate <count>' argument '0' is invalid. Expected a whole number from 1 to 100000."],
    [['--duration', '5'], "option '-d, --duration <duration>' argument '5' is invalid. Expected a duration from 10ms to 596h"],
    [['--url', 'wss://127.0.0.1'], 'Expected a ws: URL; bench does not speak TLS yet.'],
    [['--subscribers', '5', '--channels', '6'], '--channels 6 is more than --subscribers 5; each channel needs a subscriber'],
    [['--rate', '100000', '--duration', '1h'], '--rate and --duration come to 360,100,000 notifications; at most 10,000,000 are sent'],
    [['--subscribers', '100000', '--channels', '1', '--rate', '1000', '--duration', '1m'], 'this comes to 6,100,000,000 deliveries'],
    [['--size', '20', '--url', 'ws://127.0.0.1:1'], 'expected a size of at least'],
  ])('ends with 2 at %j', async (args, message) => {
    const { code, stdout, stderr } = await runWsn(['bench', ...args]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('stops sending at SIGINT, reports what it had sent, stops its broker, and ends with 130', async () => {
    await using running = spawnWsn(['bench', ...LONG]);
    await running.waitFor(/measuring: sent/, 'stderr');
    running.kill('SIGINT');
    const { code, stdout } = await running.exit;
    expect(stdout).toMatch(/^! interrupted: sent [\d,]+ of 720,000; of these nothing went wrong$/m);
    expect(stdout).toMatch(/^ {2}lost +0$/m);
    expect(code).toBe(130);
    expect(await isGone(/^wsn bench (\S+)$/m.exec(stdout)?.[1] ?? '')).toBe(true);
  });

  it('ends at once at the second SIGINT, while it still waits for deliveries', async () => {
    await using broker = await startFaultyBroker({ speaksV1: true, handle: () => ({ toReceiver: [] }) });
    await using running = spawnWsn(['bench', ...LONG, '--url', broker.url]);
    await running.waitFor(/measuring: sent/, 'stderr');
    running.kill('SIGINT');
    await running.waitFor(/awaiting the last/, 'stderr');
    running.kill('SIGINT');
    expect(await running.exit).toMatchObject({ code: 130, stdout: '' });
  });
});

describeOnTerminal('wsn bench on a terminal', (spawnOnTerminal) => {
  it('draws a bar, takes it away, gives the cursor back and prints the report', async () => {
    await using running = spawnOnTerminal(['bench', ...SMALL]);
    const { code, stdout } = await running.exit;
    expect(code).toBe(0);
    expect(plain(stdout)).toMatch(/━+─* {2}[a-z ]+: sent \d+ of 100, delivered/);
    expect(plain(stdout)).toContain('✓ every delivery came once');
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
  });
});
