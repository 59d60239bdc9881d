import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CaseResult } from '../../../src/scenario/result.js';
import { endpointOf } from '../../../src/scenario/run/shared-server.js';
import { loadTarget } from '../../../src/scenario/run/target.js';
import type { Case, Step } from '../../../src/scenario/scenario.js';
import { WSN } from '../../support/wsn.js';
import { folderOf } from '../file/loading.js';
import { HABITS, startFakeServer } from './fake-server.js';
import { casesOf, failureOf, lineOf, outcomeOf, runCases, runOn, scenario } from './running.js';

const API = { clients: 'api: { kind: http }' };
const PASSES = ['ready: alice'];
const ALICE = { clients: 'alice: {}' };
const OWN = { command: [process.execPath, WSN, 'serve', '--host', '127.0.0.1', '--port', '{port}', '{options}'] };

/** A server of HTTP alone that ends when it is asked for /die. */
const MORTAL = {
  command: [
    process.execPath,
    '-e',
    'require("http").createServer((q, s) => (q.url === "/die" ? process.kill(process.pid, "SIGKILL") : s.end("{}"))).listen(+process.argv[1], "127.0.0.1")',
    '{port}',
  ],
};

const many = (count: number) =>
  casesOf(...Array.from({ length: count }, (_, index) => scenario(PASSES, { ...ALICE, id: `a/case-${index}` })));
const ids = (results: readonly CaseResult[]) => results.map((result) => `${result.case.id} ${result.round} ${outcomeOf(result)}`);

describe('a run', () => {
  it('counts what its cases came to', async () => {
    await using server = await startFakeServer();
    const fails = ['notify: { answer: { code: 4400 } }'];
    const cases = casesOf(
      scenario(PASSES, { ...ALICE, id: 'a/one' }),
      scenario(fails, { id: 'a/two' }),
      scenario(fails, { id: 'a/three', level: 'info' }),
      scenario(PASSES, { ...ALICE, id: 'a/four', more: ['server: own'] }),
    );
    const { results, summary } = await runCases({ cases, server: { url: server.url } });
    expect(summary).toMatchObject({
      passed: 1,
      failed: 1,
      noted: 1,
      skipped: 1,
      expectedFailures: 0,
      unexpectedPasses: 0,
      isComplete: true,
    });
    expect(summary).toMatchObject({ server: server.url, seed: 1 });
    expect(results.at(-1)?.outcome).toEqual({ kind: 'skipped', because: 'needs a server of its own, and this one was not started here' });
  });

  it('runs each row of a matrix as a case of its own', async () => {
    await using server = await startFakeServer();
    const steps = [
      'send: { client: alice, subscriptions: [{}] }',
      'ready: alice',
      'notify: { as: news }',
      `expect: { client: alice, notification: news, count: "\${count}" }`,
    ];
    const cases = casesOf(scenario(steps, { ...ALICE, more: ['matrix:', '  - { count: 1 }', '  - { count: 0 }'] }));
    const { results } = await runCases({ cases, server: { url: server.url } });
    expect(ids(results)).toEqual(['a/case#1 1 passed', 'a/case#2 1 alice received news, which it must not receive']);
    expect(results[1]?.case.place).toMatchObject({ line: lineOf(4) + 3 });
  });

  it('repeats every case, and shuffles them in the order of a seed', async () => {
    await using server = await startFakeServer();
    const run = async (seed: number) => {
      const { results } = await runCases({ cases: many(6), server: { url: server.url }, repeat: 2, shuffle: true, seed });
      return ids(results);
    };
    const first = await run(7);
    expect(first).toHaveLength(12);
    expect(first.slice(0, 6).every((line) => line.endsWith(' 1 passed'))).toBe(true);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });

  it('ends at the first failure where it is to bail', async () => {
    await using server = await startFakeServer();
    const cases = [...casesOf(scenario(['notify: { answer: { code: 4400 } }'], { id: 'b/fails' })), ...many(3)];
    const { results, summary } = await runCases({ cases, server: { url: server.url }, bail: true });
    expect(results).toHaveLength(1);
    expect(summary).toMatchObject({ failed: 1, passed: 0, isComplete: false });
  });

  it('may repeat any number of times', async () => {
    await using server = await startFakeServer();
    const cases = casesOf(scenario(['notify: { answer: { code: 4400 } }'], { id: 'b/fails' }));
    const { summary } = await runCases({ cases, server: { url: server.url }, repeat: 1_000_000_000, bail: true });
    expect(summary).toMatchObject({ failed: 1, isComplete: false });
  });

  it('ends at a mistake of its own, and nothing goes on behind it', async () => {
    await using server = await startFakeServer();
    const [first, ...others] = many(20) as [Case, ...Case[]];
    const [step] = first.steps as [Step];
    const broken = { ...first, steps: [{ ...step, run: () => Promise.reject(new TypeError('a bug')) }] };
    await expect(runCases({ cases: [broken, ...others], server: { url: server.url }, jobs: 2 })).rejects.toThrow('a bug');
    expect(server.connections.length).toBeLessThanOrEqual(2);
    await expect.poll(() => server.open).toBe(0);
  });

  it('leaves a password and a query out of the name of its server', async () => {
    await using server = await startFakeServer();
    const url = server.url.replace('//', '//me:secret@');
    const { summary } = await runCases({ cases: many(1), server: { url: `${url}/path?token=secret` } });
    expect(summary.server).toBe(`${server.url}/path`);
  });

  it('ends at once when it is interrupted before its server listens', async () => {
    const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)', '{port}'];
    const stopped = runCases({ cases: many(1), server: { command }, signal: AbortSignal.timeout(300) });
    await expect(Promise.race([stopped, delay(10_000)])).rejects.toThrow('timeout');
  });

  it('has so many cases under way at a time, which do not see each other', async () => {
    await using server = await startFakeServer();
    const steps = [
      'send: { client: alice, subscriptions: [{}] }',
      'ready: alice',
      'notify: { as: news, times: 5 }',
      'expect: { client: alice, notification: news }',
    ];
    const cases = casesOf(...Array.from({ length: 12 }, (_, index) => scenario(steps, { ...ALICE, id: `a/case-${index}` })));
    const { summary } = await runCases({ cases, server: { url: server.url }, jobs: 4 });
    expect(summary).toMatchObject({ passed: 12, failed: 0 });
    await expect.poll(() => server.open).toBe(0);
  });

  it('has one case under way at a time with one job', async () => {
    let open = 0;
    let most = 0;
    await using server = await startFakeServer({
      ping(connection, payload) {
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          HABITS.ping(connection, payload);
        });
      },
    });
    await runCases({ cases: many(5), server: { url: server.url } });
    expect(most).toBe(1);
  });

  it('sends its headers, and the path of its URL, with every handshake and request', async () => {
    await using server = await startFakeServer({
      http: ({ url, headers }) => ({ status: 200, body: JSON.stringify([url, headers['x-one']]) }),
    });
    const steps = ['ready: alice', 'notify: {}', 'http: { client: api, path: /x, expect: { body: ["/x", "1"] } }'];
    const cases = casesOf(scenario(steps, { clients: 'alice: {}, api: { kind: http }' }));
    const { results } = await runCases({ cases, server: { url: `${server.url}/path?q` }, headers: { 'X-One': '1' } });
    expect(results.map(outcomeOf)).toEqual(['passed']);
    expect(server.connections.length).toBeGreaterThanOrEqual(2);
    for (const { request } of server.connections) expect([request.url, request.headers['x-one']]).toEqual(['/path?q', '1']);
  });

  it('of a server that is not there fails before the first case', async () => {
    const server = await startFakeServer();
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const userinfo = url.replace('//', '//me:secret@');
    await expect(runCases({ cases: many(1), server: { url: userinfo } })).rejects.toThrow(`cannot reach ${url}: nobody listens there`);
  });

  it('that is aborted ends the step under way, and the rest is not run', async () => {
    await using server = await startFakeServer({ ping: () => abort.abort() });
    const abort = new AbortController();
    const { results, summary } = await runCases({ cases: many(3), server: { url: server.url }, signal: abort.signal });
    expect(results).toEqual([]);
    expect(summary).toMatchObject({ failed: 0, isComplete: false });
    await expect.poll(() => server.open).toBe(0);
  });

  it('that is aborted waits for no sleep, and opens nothing in what is to be done at the end', async () => {
    await using server = await startFakeServer({ ping: () => abort.abort() });
    const abort = new AbortController();
    const steps = ['ready: alice', 'sleep: { for: 60s, because: it must not be waited for }'];
    const cases = casesOf(scenario(steps, { clients: 'alice: {}, bob: {}', more: ['finally:', '  - ready: bob'] }));
    const { summary } = await runCases({ cases, server: { url: server.url }, signal: abort.signal });
    expect(summary.isComplete).toBe(false);
    expect(server.connections).toHaveLength(1);
  });
});

describe('the end of a case', () => {
  it('is done in any case', async () => {
    await using server = await startFakeServer();
    const more = ['finally:', '  - notify: { page: cleaned }'];
    const cases = casesOf(
      scenario(['notify: { answer: { code: 4400 } }'], { id: 'a/fails', more }),
      scenario(['notify: {}'], { id: 'a/passes', more }),
    );
    const { results } = await runCases({ cases, server: { url: server.url } });
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['failed', 'passed']);
    expect(server.connections.filter(({ messages }) => messages[0]?.includes('"cleaned"'))).toHaveLength(2);
  });

  it('fails the case where it fails, unless a step has failed before', async () => {
    const more = ['finally:', '  - notify: { answer: { code: 4401 } }'];
    expect(failureOf(await runOn({}, ['notify: {}'], { more })).place).toMatchObject({ line: lineOf(1) + 2 });
    expect(failureOf(await runOn({}, ['notify: { answer: { code: 4400 } }'], { more })).place).toMatchObject({ line: lineOf(1) });
  });
});

describe('a target', () => {
  it('says what has to fail, and what is not run', async () => {
    using folder = folderOf({});
    const path = join(folder.path, 'some.yaml');
    const entry = (member: string, id: string) => `{ date: 2026-11-23, ${member}: is so, scenarios: ["${id}"] }`;
    writeFileSync(
      path,
      `target: some\nabout: x\ndivergences: [${entry('target', 'a/fails')}, ${entry('target', 'a/passes')}]\nnotApplicable: [${entry('reason', 'a/none')}]\n`,
    );
    const { target, errors } = loadTarget(path);
    expect(errors).toEqual([]);
    await using server = await startFakeServer();
    const cases = casesOf(
      scenario(['notify: { answer: { code: 4400 } }'], { id: 'a/fails' }),
      scenario(['notify: {}'], { id: 'a/passes' }),
      scenario(['notify: {}'], { id: 'a/none' }),
      scenario(['notify: {}'], { id: 'a/other' }),
    );
    const { results, summary } = await runCases({ cases, server: { url: server.url }, target });
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'expected-failure', because: 'known divergence (2026-11-23): is so', failure: { place: { line: lineOf(1) } } },
      { kind: 'unexpected-pass', because: 'known divergence (2026-11-23): is so' },
      { kind: 'skipped', because: 'is so' },
      { kind: 'passed' },
    ]);
    expect(summary).toMatchObject({ passed: 1, failed: 0, expectedFailures: 1, unexpectedPasses: 1, skipped: 1 });
  });
});

describe('a server that is started', () => {
  it('and dies is named in the failure, and started again', async () => {
    const cases = casesOf(
      scenario(['http: { client: api }'], { ...API, id: 'a/one' }),
      scenario(['http: { client: api, path: /die }'], { ...API, id: 'a/two' }),
      scenario(['http: { client: api }'], { ...API, id: 'a/three' }),
    );
    const { results } = await runCases({ cases, server: MORTAL });
    expect(results.map(outcomeOf)).toEqual([
      'passed',
      expect.stringMatching(/^api: GET \/die was not answered: .*; the server has ended by itself with SIGKILL$/),
      'passed',
    ]);
  });

  it('that ends at once is told before the first case', async () => {
    const server = { command: [process.execPath, '-e', 'console.error("no licence"); process.exit(1)', '{port}'] };
    await expect(runCases({ cases: many(1), server })).rejects.toThrow(
      /the server ended with exit code 1 before it listened; it wrote:\n {2}no licence/,
    );
  });

  it('is one for a case of its own, with options where the command takes them', async () => {
    const steps = ['connect: alice', 'expect: { client: alice, frame: { opcode: ping } }'];
    const cases = casesOf(scenario(steps, { ...ALICE, more: ['server: { pingIntervalMs: 100 }'] }));
    expect((await runCases({ cases, server: OWN })).results.map(outcomeOf)).toEqual(['passed']);
    const { results } = await runCases({ cases, server: { command: OWN.command.slice(0, -1) } });
    expect(results[0]?.outcome).toEqual({ kind: 'skipped', because: 'sets options of the server, and the command has no {options}' });
  });

  it('has a folder for its log while its case lasts, where the case says so', async () => {
    const asks = (data: boolean) => [`server: { data: ${data} }`];
    const shows = 'const { existsSync } = require("fs"); const folder = process.argv[3] ?? "";';
    const serves = 'require("http").createServer((q, s) => s.end(JSON.stringify({ folder, isThere: existsSync(folder) })))';
    const command = [process.execPath, '-e', `${shows} ${serves}.listen(+process.argv[1], "127.0.0.1")`, '{port}', '{options}'];
    const there = ['http: { client: api, expect: { body: { isThere: true } } }', 'fault: { restart: KILL }'];
    const cases = casesOf(
      scenario([...there, ...there.slice(0, 1)], { ...API, id: 'a/one', more: asks(true) }),
      scenario(['http: { client: api, expect: { body: { folder: "" } } }'], { ...API, id: 'a/two', more: asks(false) }),
    );
    const { results } = await runCases({ cases, server: { command } });
    expect(results.map(outcomeOf)).toEqual(['passed', 'passed']);
    const [, folder = ''] = /"folder":"([^"]+)"/.exec(JSON.stringify(results[0]?.wire).replaceAll('\\', '')) ?? [];
    expect(folder).not.toBe('');
    expect(existsSync(folder)).toBe(false);
  });

  it('is stopped and restarted by the steps of a case of its own', async () => {
    const steps = [
      'ready: alice',
      'fault: { restart: KILL }',
      'expect-close: { client: alice, code: 1006 }',
      'connect: alice',
      'ready: alice',
      'stop: { signal: TERM, within: 10s }',
      'expect-close: { client: alice, code: 1001 }',
    ];
    const cases = casesOf(scenario(steps, { ...ALICE, more: ['server: own'] }));
    expect((await runCases({ cases, server: OWN })).results.map(outcomeOf)).toEqual(['passed']);
  });

  it('and does not come back after a restart fails that step', async () => {
    using folder = folderOf({});
    const once = `const fs = require("fs"); const seen = ${JSON.stringify(join(folder.path, 'seen'))};
      let starts = 0; try { starts = +fs.readFileSync(seen, "utf8"); } catch {} fs.writeFileSync(seen, String(starts + 1));
      if (starts > 1) process.exit(5); require("http").createServer((q, s) => s.end("{}")).listen(+process.argv[1], "127.0.0.1")`;
    const cases = casesOf(scenario(['http: { client: api }', 'fault: { restart: TERM }'], { ...API, more: ['server: own'] }));
    const { results } = await runCases({ cases, server: { command: [process.execPath, '-e', once, '{port}'] } });
    expect(failureOf(results[0] as CaseResult)).toMatchObject({
      message: expect.stringContaining('the server did not start again: the server ended with exit code 5'),
      place: { line: lineOf(2) },
    });
  });
});

it.each([
  ['ws://name:p%40ss@127.0.0.1:1/path', {}, { Authorization: `Basic ${Buffer.from('name:p@ss').toString('base64')}` }],
  ['ws://name:pass@127.0.0.1:1', { Authorization: 'Bearer token' }, { Authorization: 'Bearer token' }],
  ['ws://127.0.0.1:1', {}, {}],
])('says who it is with the name and the password of %s, unless a header does', (url, headers, expected) => {
  expect(endpointOf(url, { headers }).headers).toEqual(expected);
});

it('waits a second at most where a server has failed twenty cases, however long a step wants to wait', async () => {
  await using server = await startFakeServer();
  const failing = Array.from({ length: 20 }, (_, index) => scenario(['notify: { answer: { code: 4400 } }'], { id: `a/fails-${index}` }));
  const waits = scenario(['expect: { client: alice, message: { never: true }, within: 60s }'], { ...ALICE, id: 'b/waits' });
  const { results } = await runCases({ cases: [...casesOf(...failing), ...casesOf(waits)], server: { url: server.url } });
  expect(failureOf(results.at(-1) as CaseResult).message).toBe('alice did not receive a message: within 1000 ms');
});
