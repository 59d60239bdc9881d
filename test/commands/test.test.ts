import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBroker } from '../support/broker.js';
import { CTRL_C, describeOnTerminal, plain, SHOW_CURSOR } from '../support/pty.js';
import { runWsn, spawnWsn } from '../support/wsn.js';

const MATCHES = `id: match/list
title: A list accepts a scalar
rule: R-3.2
level: must
clients: { alice: {} }
matrix:
  - { given: "2", count: 1 }
  - { given: "4", count: 0 }
steps:
  - send: { client: alice, subscriptions: [{ filters: { channel: ["2", "3"] } }] }
  - ready: alice
  - notify: { as: news, filters: { channel: "\${given}" } }
  - expect: { client: alice, notification: news, count: "\${count}" }
`;

const scenario = (id: string, { level = 'must', count = '1', extra = '' } = {}) => `id: ${id}
title: A subscription to another topic is not served
rule: R-2.4
level: ${level}
${extra}clients: { alice: {} }
steps:
  - send: { client: alice, subscriptions: [{ page: other }] }
  - ready: alice
  - notify: { as: news, filters: {} }
  - expect: { client: alice, notification: news, count: ${count}, within: 50ms }
`;

const WAITS = `id: slow/waits
title: It takes its time
rule: R-2.8
level: must
clients: { alice: {} }
steps:
  - ready: alice
  - expect: { client: alice, message: { never: true }, within: 60s }
`;

const TYPO = scenario('bad/typo').replace('ready', 'redy').replace('R-2.4', 'R-24');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsn-test-'));
  const files = {
    'good/match/list.yaml': MATCHES,
    'good/match/none.yaml': scenario('match/none', { count: '0' }),
    'good/info/fails.yaml': scenario('info/fails', { level: 'info' }),
    'good/own/server.yaml': scenario('own/server', { count: '0', extra: 'server: { pingIntervalMs: 10000 }\n' }),
    'fails/base/fails.yaml': scenario('base/fails'),
    'bad/typo.yaml': TYPO,
    'slow/waits.yaml': WAITS,
    'fails.target.yaml': target('base/fails'),
    'good.target.yaml': target('match/none'),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true }));

function target(pattern: string): string {
  return `target: mine\nabout: A server\ndivergences:\n  - { date: 2026-11-23, target: does it in its own way, scenarios: [${pattern}] }\n`;
}

const test = (...args: string[]) => runWsn(['test', ...args], { cwd: folder, timeoutMs: 30_000 });

const FAILURE = [
  '✗ base/fails  A subscription to another topic is not served  (R-2.4 Topics)',
  '    10 |   - expect: { client: alice, notification: news, count: 1, within: 50ms }',
].join('\n');

describe('wsn test', () => {
  it('starts a broker of its own, runs the scenarios and says what came of them, without level info', async () => {
    const { code, stdout, stderr } = await test('good', '--seed', '7');
    expect(stdout.split('\n').slice(0, -2).toSorted()).toEqual(['', 'match     3 passed', 'own       1 passed']);
    expect(stdout).toMatch(/\n\n4 passed in \d+\.\d s against a broker of its own \(seed 7\)\n$/);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('runs them against a server that it is given, and skips what needs another', async () => {
    await using broker = await startTestBroker();
    const { code, stdout } = await test('good', '--url', broker.url, '--level', 'info');
    expect(stdout).toContain(
      '! info/fails  A subscription to another topic is not served  (R-2.4 Topics; level info, no failure of the run)',
    );
    expect(stdout).toContain('\nSkipped\n  needs a server of its own, and this one was not started here: own/server\n');
    expect(stdout).toContain(`\n3 passed, 1 failure of level info, 1 skipped in `);
    expect(stdout).toContain(` against ${broker.url} (seed `);
    expect(code).toBe(0);
  });

  it('ends with 4 when something fails, and shows where and what went over the wire', async () => {
    await using broker = await startTestBroker();
    const { code, stdout } = await test('fails', '--url', broker.url);
    for (const line of FAILURE.split('\n')) expect(stdout).toContain(line);
    expect(stdout).toMatch(/\n {2}fails\/base\/fails\.yaml:10:\d+: /);
    expect(stdout).toMatch(/\n {2}alice\n {4} *\d+\.\d → HTTP /);
    expect(stdout).toMatch(/\n *\d+\.\d → text +\{"sender":"client","subscriptions":\[\{"package":"wt-/);
    expect(code).toBe(4);
  });

  it('ends with 0 when what fails is known to, and says what passes and is not', async () => {
    await using broker = await startTestBroker();
    const known = await test('fails', '--url', broker.url, '--target', './fails.target.yaml');
    expect(known.stdout).toContain('Expected failures\n  known divergence (2026-11-23): does it in its own way\n    base/fails  ');
    expect(known.code).toBe(0);
    const passes = await test('good/match', '--url', broker.url, '--target', './good.target.yaml');
    expect(passes.stdout).toContain('Unexpected passes: take them out of the target file\n  known divergence (2026-11-23)');
    expect(passes.code).toBe(0);
  });

  it('prints NDJSON or TAP alone, and writes JUnit and HTML', async () => {
    await using broker = await startTestBroker();
    const url = ['--url', broker.url];
    const json = await test('good', 'fails', ...url, '--json');
    const values = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([json.code, values.length, values.at(-1)]).toMatchObject([4, 6, { type: 'summary', passed: 3, failed: 1, skipped: 1 }]);
    const tap = await test('good', ...url, '--tap', '--junit', 'new/j.xml', '--html', 'new/h.html');
    expect(tap.stdout).toMatch(/^TAP version 14\n(?:ok \d - .*\n){4}# .*\n1\.\.4\n$/);
    expect(await readFile(join(folder, 'new/j.xml'), 'utf8')).toContain('<testsuite name="match" tests="3" failures="0"');
    expect(await readFile(join(folder, 'new/h.html'), 'utf8')).toContain('<b>match/list#2</b>');
    const junit = await test('good', ...url, '--junit', '-');
    expect(junit.stdout).toMatch(/^<\?xml[\s\S]*<\/testsuites>\n$/);
  });

  it('prints what two servers do differently, and ends with 0 when that is nothing', async () => {
    await using one = await startTestBroker();
    await using other = await startTestBroker();
    const { code, stdout } = await test('good/match', 'fails', '--url', one.url, '--against', other.url);
    expect(stdout).toMatch(new RegExp(`^- ${one.url}\n\\+ ${other.url}\n0 of 4 cases differ in \\d+\\.\\d s\n$`));
    expect(code).toBe(0);
  });

  it('lists what it would run', async () => {
    const { code, stdout } = await test('good', '--list', '--only', 'match/**');
    expect(stdout).toBe(
      [
        'match/list#1  must    R-3.2  A list accepts a scalar',
        'match/list#2  must    R-3.2  A list accepts a scalar',
        'match/none    must    R-2.4  A subscription to another topic is not served',
        '',
      ].join('\n'),
    );
    const json = await test('good', '--list', '--only', 'match/list#2', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ id: 'match/list#2', rules: ['R-3.2'], line: 8, row: { given: '4', count: 0 } });
    expect([code, json.code]).toEqual([0, 0]);
  });

  it('shows every error of every file, and runs nothing', async () => {
    const { code, stdout, stderr } = await test('bad', 'good', 'missing');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/bad\/typo\.yaml:3:7: .*R-24.*\n {2}3 \| rule: R-24\n {2} {2}\| {7}\^{4}\n/);
    expect(stderr).toMatch(/bad\/typo\.yaml:8:5: .*did you mean "ready"\?\n/);
    expect(stderr).toContain('missing: there is no such file or folder\n');
    expect(stderr).toMatch(/\nwsn: 3 errors in 2 files: nothing was run\n$/);
  });

  it('reads a scenario from stdin', async () => {
    const { code, stdout } = await runWsn(['test', '-', '--list'], { input: scenario('match/none') });
    expect([code, stdout.split(/\s/)[0]]).toEqual([0, 'match/none']);
    const typo = await runWsn(['test', '-'], { input: TYPO });
    expect([typo.code, typo.stderr.split(':')[0]]).toEqual([2, '-']);
  });

  it('ends with 3 when nobody listens', async () => {
    const broker = await startTestBroker();
    await broker.close();
    const { code, stdout, stderr } = await test('good', '--url', broker.url);
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: `wsn: cannot reach ${broker.url}: nobody listens there\n` });
  });

  it.each([
    [['--url', 'ws://127.0.0.1:1', '--server', 'x {port}'], "option '-u, --url <url>' cannot be used with option '-s, --server <command>'"],
    [['--server', 'x'], '--server "x" has no {port}'],
    [['--json', '--tap'], '--json and --tap exclude each other: each wants stdout'],
    [['--junit', '-', '--json'], '--json and --junit - exclude each other: each wants stdout'],
    [['--against', 'ws://127.0.0.1:1', '--tap'], '--against prints differences, as text or with --json: it has no --tap'],
    [['--only', 'mtach/**'], 'wsn: --only "mtach/**" fits none of 5 cases; did you mean "match/**"?'],
    [['--target', 'phq'], 'there is no target "phq"; '],
    [['--header', 'nothing'], 'wsn: --header: found something else than a header, expected one such as "X-Tenant: blue"'],
    [['--jobs', '0'], 'Expected a whole number from 1 to 1000.'],
    [['--level', 'may'], 'Allowed choices are must, should, info.'],
  ])('ends with 2 at %j', async (args, message) => {
    const { code, stdout, stderr } = await test('good', ...args);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('stops at SIGINT, says what it has come to, and ends with 130', async () => {
    await using broker = await startTestBroker();
    await using running = spawnWsn(['test', 'good/match', 'slow', '--url', broker.url], { cwd: folder });
    await running.waitFor(/match +3 passed/);
    running.kill('SIGINT');
    const { code, stdout } = await running.exit;
    expect(stdout).toMatch(/\nThe run was ended before all cases had been run\.\n3 passed in /);
    expect(code).toBe(130);
  });
});

describeOnTerminal('wsn test on a terminal', (spawnOnTerminal) => {
  it('shows how far it is in one line, and gives the cursor back', async () => {
    await using broker = await startTestBroker();
    await using running = spawnOnTerminal(['test', join(folder, 'good/match'), join(folder, 'slow'), '--url', broker.url]);
    await running.waitFor(/3\/4/);
    expect(plain(running.stdout)).toMatch(/3\/4 · 0 failed · match\//);
    running.stdin.write(CTRL_C);
    const { stdout } = await running.exit;
    expect(plain(stdout)).toContain('3 passed in ');
    expect(stdout).toContain(SHOW_CURSOR);
  });
});
