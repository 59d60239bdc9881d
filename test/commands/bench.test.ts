import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/bench/result/result.js';
import { openPeer } from '../../src/peer/index.js';
import { startFaultyBroker } from '../bench/faulty-broker.js';
import { ca, startTlsFront } from '../bench/tls-front.js';
import { startTestBroker } from '../support/broker.js';
import { describeOnTerminal, HIDE_CURSOR, plain, SHOW_CURSOR } from '../support/pty.js';
import { runWsn, spawnWsn } from '../support/wsn.js';

/** A machine that is busy with other tests is no fault of the generator here. */
const ANY_MACHINE = ['--limit', 'lateShare=100%,loopDelay=10s,busyShare=100%,cpuShare=100%,gcPause=10s,backlog=10s'];

const LOAD = ['--subscribers', '10', '--channels', '2', '--rate', '200', '--workers', '1'];

/** A load of a few hundred deliveries in half a second. */
const SMALL = [...LOAD, '--duration', '400ms', '--warm-up', '100ms', ...ANY_MACHINE];
const LONG = [...LOAD, '--duration', '40s', '--warm-up', '0', ...ANY_MACHINE];

const isGone = (url: string) =>
  openPeer({ host: '127.0.0.1', port: Number(new URL(url).port) }).then(
    () => false,
    (error) => error.code === 'ECONNREFUSED',
  );

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsn-bench-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');
const resultIn = (name: string) => JSON.parse(read(name)) as BenchResult;

describe('wsn bench', () => {
  it('starts a broker of its own, loads it, reports that all came, and stops it', async () => {
    const { code, stdout, stderr } = await runWsn(['bench', ...SMALL, '--json', at('result.json')]);
    expect(stderr).toMatch(/^(ramp|warm-up|hold|drain) /m);
    expect(stdout).toMatch(/^ {2}expected +400 /m);
    expect(stdout).toMatch(/^ {2}delivered +400 /m);
    expect(stdout).toMatch(/^✓ passed/m);
    const result = resultIn('result.json');
    expect(result).toMatchObject({
      verdict: 'passed',
      deliveries: { expected: 400, delivered: 400, lost: 0 },
      warmUpDeliveries: { delivered: 100 },
    });
    expect(code).toBe(0);
    expect(await isGone(result.url)).toBe(true);
  });

  it.each([['--token', 'secret'], ['--api-key', 'secret'], ['--header', 'X-Tenant: secret'], ['--insecure']])(
    'refuses %s without --url, where it would be for nobody',
    async (...typed) => {
      const { code, stderr } = await runWsn(['bench', ...SMALL, ...typed]);
      expect(stderr).toBe(`wsn: ${typed[0]} is for the broker of --url: name one, or leave it out for a broker of this command's own\n`);
      expect(code).toBe(2);
    },
  );

  it('starts its broker as --serve says, loses nothing by a kill -9 of it where that has a folder, and removes the folder', async () => {
    mkdirSync(at('tmp'));
    const faults = ['--protocol', 'v1', '--faults', 'restart at=700ms for=50ms', '--duration', '1500ms', '--serve', "--data '{dir}/log'"];
    const { code, stderr } = await runWsn(['bench', ...SMALL, ...faults, '--json', at('result.json')], { env: { TMPDIR: at('tmp') } });
    expect(stderr).toMatch(/^hold .* away, .* recovered/m);
    expect(resultIn('result.json')).toMatchObject({
      verdict: 'passed',
      deliveries: { lost: 0, duplicated: 0, misdelivered: 0, reordered: 0 },
      recovery: { restarts: 1, resumed: 10, unresumed: 0, unrecovered: 0, repeated: 0 },
    });
    expect(code).toBe(0);
    expect(readdirSync(at('tmp'))).toEqual([]);
  });

  it('prints one JSON object with --json, and nothing else', async () => {
    const { code, stdout } = await runWsn(['bench', ...SMALL, '--json', '--seed', '7', '--publishers', 'ephemeral']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const result = JSON.parse(stdout) as BenchResult;
    expect(result).toMatchObject({ verdict: 'passed', settings: { load: { seed: 7 } }, used: { publishers: 'ephemeral' } });
    expect(result.latencyMs.samples).toBe(400);
    expect(code).toBe(0);
  });

  it('takes the load from a file on stdin', async () => {
    const input = 'subscribers: 4\nchannels: 2\narrivals: { constant: 50 }\nphases: { warmUp: 0, hold: 200ms }\nworkers: 1\n';
    const { code, stdout } = await runWsn(['bench', '--profile', '-', '--json', ...ANY_MACHINE], { input });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'passed', deliveries: { expected: 20, delivered: 20 } });
    expect(code).toBe(0);
  });

  it('writes every report that is asked for, and the summary of a job', async () => {
    const files = ['--save', at('s.json'), '--junit', at('j.xml'), '--markdown', at('m.md'), '--html', at('h.html')];
    const { code } = await runWsn(['bench', ...SMALL, ...files], { env: { GITHUB_STEP_SUMMARY: at('summary.md') } });
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['h.html', 'j.xml', 'm.md', 's.json', 'summary.md']);
    expect(resultIn('s.json').verdict).toBe('passed');
    expect(read('j.xml')).toContain('<testsuite');
    expect(read('h.html')).toMatch(/^<!doctype html>/i);
    expect(read('summary.md')).toBe(read('m.md'));
  });

  it('ends with 5 when a broker loses or repeats deliveries', async () => {
    const handle = (number: number, text: string) => ({ toReceiver: number % 100 === 0 ? [] : number % 150 === 0 ? [text, text] : [text] });
    await using broker = await startFaultyBroker({ speaksV1: true, handle });
    const { code, stdout } = await runWsn(['bench', ...SMALL, '--drain', '1s', '--url', broker.url]);
    expect(stdout).toMatch(/^ {2}duplicated +2/m);
    expect(stdout).toMatch(/^✗ failed/m);
    expect(code).toBe(5);
  });

  it('ends with 5 when a threshold is missed, of the file or of an option', async () => {
    writeFileSync(at('load.yaml'), 'thresholds: [throughput>1000000/s]\n');
    const args = ['bench', ...SMALL, '--profile', at('load.yaml'), '--threshold', 'p50<100s', '--json'];
    const { code, stdout } = await runWsn(args);
    const { thresholds, verdict } = JSON.parse(stdout) as BenchResult;
    expect(verdict).toBe('failed');
    expect(thresholds.slice(0, 2)).toMatchObject([
      { threshold: 'throughput>1000000/s', isPassed: false, isImplied: false },
      { threshold: 'p50<100s', isPassed: true, isImplied: false },
    ]);
    expect(code).toBe(5);
  });

  it('ends with 6 when it is worse than the baseline, and with 0 when it is not', async () => {
    await runWsn(['bench', ...SMALL, '--save', at('base.json')]);
    const base = resultIn('base.json');
    const kept = (p50: number) => JSON.stringify({ ...base, latencyMs: { ...base.latencyMs, p50, margin: { p50: 0, p99: null } } });
    writeFileSync(at('better.json'), kept(1e-6));
    writeFileSync(at('worse.json'), kept(1e6));
    const compare = (name: string) => runWsn(['bench', ...SMALL, '--baseline', at(name), '--regress', 'latency.p50>+10%', '--json']);
    const worse = await compare('better.json');
    expect(JSON.parse(worse.stdout)).toMatchObject({ verdict: 'regressed', regression: { rules: [{ isRegression: true }] } });
    expect(worse.code).toBe(6);
    const fine = await compare('worse.json');
    expect(JSON.parse(fine.stdout)).toMatchObject({ verdict: 'passed', regression: { rules: [{ isRegression: false }] } });
    expect(fine.code).toBe(0);
    const other = await runWsn(['bench', ...SMALL, '--size', '300', '--baseline', at('base.json')]);
    expect(other.stderr).toBe(
      `wsn: ${at('base.json')} is of another load, which cannot be compared: load.sizeBytes is 300, in the baseline 200\n`,
    );
    expect(other.code).toBe(2);
  });

  it('ends with 7 when the generator is past a limit, and keeps no baseline of it', async () => {
    const { code, stdout, stderr } = await runWsn(['bench', ...SMALL, '--limit', 'busyShare=0', '--save', at('base.json')]);
    expect(stdout).toMatch(/^! invalid/m);
    expect(stderr).toContain(`not saved in ${at('base.json')}: a run that is invalid is no baseline\n`);
    expect(readdirSync(folder)).toEqual([]);
    expect(code).toBe(7);
  });

  it('ends with 3 where publishing is refused, and says why in a line that a terminal survives', async () => {
    await using broker = await startFaultyBroker({ speaksV1: true, refuse: () => 'not you \u001b[2J' });
    const { code, stdout, stderr } = await runWsn(['bench', ...SMALL, '--url', broker.url]);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'wsn: the broker does not take notifications from here: forbidden: not you \\u001b[2J',
    );
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  it('ends with 3 when nobody listens', async () => {
    const broker = await startFaultyBroker();
    await broker[Symbol.asyncDispose]();
    const { code, stderr } = await runWsn(['bench', ...SMALL, '--url', broker.url]);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`wsn: cannot reach ${broker.url}: nobody listens there`);
    expect(code).toBe(3);
  });

  it.each([
    [['--rate', '0'], '--rate 0: found the number 0, expected a number from 0.1 to 200000'],
    [['--duration', '5'], '--duration 5: found the number 5, expected a duration such as 300ms or 2s, of at least 10ms'],
    [['--url', 'ws://me:p@127.0.0.1:1'], "argument 'ws://127.0.0.1:1' is invalid. Expected a URL without a name and a password"],
    [['--url', "wss://me:a b/#'@127.0.0.1"], "argument 'wss://127.0.0.1' is invalid. Expected a URL such as"],
    [['--threshold', ''], '--threshold: found an empty value: give it one, or leave the option out'],
    [['--threshold', 'p99<1s', '--threshold='], '--threshold: found an empty value'],
    [['--baseline', ''], '--baseline: found an empty value'],
    [['--profile', '-', '--baseline', '-'], '--profile - and --baseline - exclude each other: each wants stdin'],
    [['--hostile', 'slow=5%,slow=6%'], '--hostile slow=5%,slow=6%: the member "slow" stands twice'],
    [['--url', 'wss://127.0.0.1', '--tls-ca', 'no.pem'], 'cannot read --tls-ca no.pem: '],
    [['--url', 'ws://127.0.0.1', '--token', 'a secret'], 'the token has spaces, line breaks or other characters that it cannot have'],
    [['--url', 'ws://127.0.0.1', '--header', 'nothing'], '--header: found something else than a header'],
    [['--subscribers', '5', '--channels', '6'], '6 `channels` (--channels) are more than 5 subscribers can subscribe to'],
    [['--rate', '100000', '--duration', '1h'], 'come to 360,100,000 notifications, expected at most 10,000,000'],
    [['--subscribers', '100000', '--channels', '1', '--rate', '1000', '--duration', '1m'], 'this comes to 6,100,000,000 deliveries'],
    [['--size', '20', '--url', 'ws://127.0.0.1:1'], '(--size) of 20 bytes is too small, expected at least'],
    [['--threshold', 'p98<1ms'], '--threshold "p98<1ms": '],
    [['--baseline', '/nowhere/base.json'], 'cannot read /nowhere/base.json: there is no such file'],
    [['--faults', 'cut at=1s'], '`faults` (--faults) need `protocol: v1` (--protocol v1), found auto: the base protocol cannot resume'],
    [
      ['--url', 'ws://127.0.0.1:1', '--serve', '--data x'],
      "--serve is for a broker of this command's own: leave it out, or leave out --url",
    ],
    [['--serve', '--port 8000'], '--serve --port 8000: --port is chosen by wsn bench itself: leave it out'],
    [['--serve', "--data 'x"], "--serve --data 'x: found a quote without its second one"],
    [
      ['--url', 'ws://127.0.0.1:1', '--protocol', 'v1', '--faults', 'restart at=1s'],
      'a fault of kind restart (--faults) needs a broker that wsn bench starts itself: leave out --url',
    ],
    [['--regress', 'p50>+10%'], '--regress compares with a result of before: give it with --baseline'],
    [['--save', '/nowhere/base.json'], 'cannot write --save /nowhere/base.json: there is no folder /nowhere'],
    [['--find-max', 'p99<50ms', '--junit', 'r.xml'], '--find-max makes many runs and reports on stdout or with --json: leave out --junit'],
    [
      ['--find-max', 'p99<50ms', '--arrivals', 'max'],
      '--find-max searches one rate: it goes with --arrivals constant or poisson; found max',
    ],
  ])('ends with 2 at %j, in one line, before anything is started', async (args, message) => {
    const { code, stdout, stderr } = await runWsn(['bench', ...args]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('stops sending at SIGINT, reports what it had sent, stops its broker, and ends with 130', async () => {
    await using running = spawnWsn(['bench', ...LONG, '--json', at('result.json')]);
    await running.waitFor(/^hold/m, 'stderr');
    running.kill('SIGINT');
    const { code, stdout } = await running.exit;
    expect(stdout).toMatch(/^! aborted/m);
    const { verdict, notifications, deliveries, url } = resultIn('result.json');
    expect(verdict).toBe('aborted');
    expect(notifications.sent).toBeLessThan(8000);
    expect(deliveries).toMatchObject({ expected: notifications.sent * 5, lost: 0 });
    expect(code).toBe(130);
    expect(await isGone(url)).toBe(true);
  });

  it('ends at once at the second SIGINT, while it still waits for deliveries', async () => {
    await using broker = await startFaultyBroker({ speaksV1: true, handle: () => ({ toReceiver: [] }) });
    await using running = spawnWsn(['bench', ...LONG, '--drain', '1m', '--url', broker.url]);
    await running.waitFor(/^hold/m, 'stderr');
    running.kill('SIGINT');
    await running.waitFor(/^drain/m, 'stderr');
    running.kill('SIGINT');
    expect(await running.exit).toMatchObject({ code: 130, stdout: '' });
  });
});

describe('wsn bench --find-max', () => {
  it('ends with 5 when not even the lowest rate holds, and says so as JSON as well', async () => {
    const args = ['bench', ...SMALL, '--rate', '1', '--find-max', 'throughput>1000000/s', '--json', at('found.json')];
    const { code, stdout, stderr } = await runWsn(args);
    expect(stderr).toMatch(/^1\/s missed: /m);
    expect(stdout).toContain('no rate that was tried held');
    const found: unknown = JSON.parse(read('found.json'));
    expect(found).toMatchObject({ format: 'wsn-bench-find-max/1', goal: ['throughput>1000000/s'], highestRate: null, limitedBy: 'broker' });
    expect(found).toMatchObject({ trials: [{ rate: 1, outcome: 'missed' }], best: null });
    expect(code).toBe(5);
  });

  it('reports the trials that it has made when it is interrupted', async () => {
    await using running = spawnWsn(['bench', ...SMALL, '--find-max', 'lost==0', '--json']);
    await running.waitFor(/^200\/s held$/m, 'stderr');
    running.kill('SIGINT');
    const { code, stdout } = await running.exit;
    expect(JSON.parse(stdout)).toMatchObject({ limitedBy: 'interrupted', trials: [{ rate: 200, outcome: 'held' }] });
    expect(code).toBe(130);
  });
});

describe('wsn bench of a broker that it has to come to in its way', () => {
  it('shows a broker by TLS who comes, and keeps that out of what it writes (R-7.2)', async () => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    writeFileSync(at('ca.pem'), ca);
    writeFileSync(at('token'), 'secret-token\n');
    const args = ['--url', front.url, '--tls-ca', at('ca.pem'), '--token', `@${at('token')}`, '--header', 'X-Tenant: blue'];
    const env = { WSN_API_KEY: 'secret-key' };
    const { code, stdout, stderr } = await runWsn(['bench', ...SMALL, ...args, '--json', at('r.json'), '--html', at('r.html')], { env });
    expect(stdout).toMatch(/^✓ passed/m);
    expect(code).toBe(0);
    const count = (header: RegExp) => front.heads.filter((head) => header.test(head)).length;
    expect([count(/^Authorization: Bearer secret-token$/m), count(/^X-Tenant: blue$/m)]).toEqual([10, front.heads.length]);
    expect(count(/^X-Api-Key: secret-key$/m)).toBe(front.heads.length - 10);
    for (const text of [stdout, stderr, read('r.json'), read('r.html')]) expect(text).not.toContain('secret');
  });

  it('ends with 3 where the broker by TLS is not trusted, and trusts anybody, loudly, with --insecure', async () => {
    await using broker = await startTestBroker();
    await using front = await startTlsFront(broker.port);
    const refused = await runWsn(['bench', ...SMALL, '--url', front.url]);
    const why = 'its certificate signs itself and is not trusted: name it with --tls-ca, or for a test use --insecure';
    expect(refused.stderr).toContain(`wsn: cannot reach ${front.url}: ${why}\n`);
    expect(refused.code).toBe(3);
    const trusting = await runWsn(['bench', ...SMALL, '--url', front.url, '--insecure']);
    expect(trusting.stderr).toContain('WARNING: --insecure');
    expect(trusting.code).toBe(0);
  });
});

describeOnTerminal('wsn bench on a terminal', (spawnOnTerminal) => {
  it('draws how far it is, takes that away, gives the cursor back and prints the report', async () => {
    await using running = spawnOnTerminal(['bench', ...SMALL]);
    const { code, stdout } = await running.exit;
    expect(code).toBe(0);
    expect(plain(stdout)).toMatch(/^.*✓ passed/m);
    expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
  });
});
