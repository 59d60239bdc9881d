import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readProfile } from '../../src/bench/profile/read-profile.js';
import { EXIT } from '../../src/commands/exit/exit-codes.js';
import { environment, WSN } from '../support/wsn.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

const WORKFLOW = parse(readFileSync('examples/ci/bench.yml', 'utf8')) as {
  readonly jobs: Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>;
};
const STEPS = Object.values(WORKFLOW.jobs).flatMap(({ steps }) => steps);
const [INSTALL, MEASURE_BEFORE, MEASURE_CHANGE] = STEPS.flatMap(({ run }) => (run === undefined ? [] : [run]));

/** Nothing on a busy machine, and no noise of so short a load, is to fail the job. */
const TINY = {
  subscribers: 50,
  channels: 5,
  arrivals: { constant: 200 },
  phases: { warmUp: '100ms', hold: '1s', drain: '1s' },
  thresholds: ['latency.p99<60s'],
  limits: { lateShare: '100%', loopDelay: '1m', busyShare: '100%', cpuShare: '100%', gcPause: '1m', backlog: '1m' },
};

/** A repository with the folder ci/ of the examples, and a server now and before; each test has its own port. */
let folder: string;
let port: number;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsn-bench-ci-'));
  mkdirSync(join(folder, 'before'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/wsn'), `#!/bin/sh\nexec "${process.execPath}" "${WSN}" "$@"\n`);
  chmodSync(join(folder, 'bin/wsn'), 0o755);
});

beforeEach(async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
  await new Promise((done) => server.close(done));
  cpSync('examples/ci', join(folder, 'ci'), { recursive: true });
  const script = readFileSync('examples/ci/under-load.sh', 'utf8');
  expect(script).toContain('port=8000\n');
  writeFileSync(join(folder, 'ci/under-load.sh'), script.replace('port=8000\n', `port=${port}\n`));
  writeFileSync(join(folder, 'ci/load.yaml'), stringify(TINY));
  writeServer('before', []);
  writeServer('.', []);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server that makes the mistakes of the flags, in a folder of the repository. */
function writeServer(where: string, flags: readonly string[]): void {
  const program = JSON.stringify(resolve('test/bench/known-answers/server.mjs'));
  const args = flags.map((flag) => `, ${JSON.stringify(flag)}`).join('');
  writeFileSync(join(folder, where, 'server.js'), `process.argv.splice(2, 1, '--port', process.argv[2]${args});\nimport(${program});\n`);
}

/** Runs a step as GitHub does: what it ends with, and all that it has said. */
async function runStep(commands: string | undefined) {
  const path = [join(folder, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = environment({ PATH: path, GITHUB_STEP_SUMMARY: join(folder, 'summary.md') });
  const options = { cwd: folder, env, timeout: 60_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', commands ?? 'false'], options);
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

/** The step that compares, with rules that only a much slower server breaks. */
function leniently(commands: string | undefined): string {
  return (commands ?? '').replace('<1s', '<60s').replaceAll(/>\+\d+%/g, '>+100000%');
}

describe('the workflow in examples/ci', () => {
  it('has actions and steps of the kind that GitHub runs, and installs the version that there is', () => {
    expect(Object.values(WORKFLOW.jobs).map((job) => job['runs-on'])).toEqual(['ubuntu-latest']);
    for (const { uses, run } of STEPS) expect(uses ?? run).toMatch(uses === undefined ? /\S/ : /^actions\/[a-z-]+@v\d+$/);
    expect(STEPS.filter(({ run }) => run !== undefined)).toHaveLength(3);
    expect(INSTALL).toBe(`npm install --global ./ci/wsn-${version}.tgz`);
  });

  it('has a load that the command takes', () => {
    const text = readFileSync('examples/ci/load.yaml', 'utf8');
    expect(readProfile({ path: 'load.yaml', text })).toMatchObject({
      part: { subscribers: 500, thresholds: [expect.any(String), expect.any(String)] },
    });
  });

  it('passes a change that makes nothing worse, with a report to keep and a summary of the change alone', async () => {
    const before = await runStep(MEASURE_BEFORE);
    expect(before, before.text).toMatchObject({ code: EXIT.ok });
    expect(existsSync(join(folder, 'summary.md'))).toBe(false);
    const change = await runStep(leniently(MEASURE_CHANGE));
    expect(change, change.text).toMatchObject({ code: EXIT.ok });
    expect(readFileSync(join(folder, 'reports/load.xml'), 'utf8')).toContain('<testsuite');
    expect(readFileSync(join(folder, 'reports/load.html'), 'utf8')).toContain('<html');
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('latency.p99');
  });

  it('fails a change that loses something, and one that makes deliveries much slower', async () => {
    expect(await runStep(MEASURE_BEFORE)).toMatchObject({ code: EXIT.ok });
    writeServer('.', ['--drop-every', '100']);
    expect(await runStep(leniently(MEASURE_CHANGE))).toMatchObject({ code: EXIT.threshold });
    writeServer('.', ['--delay', '200']);
    expect(await runStep(leniently(MEASURE_CHANGE).replaceAll('100000%', '100%'))).toMatchObject({ code: EXIT.regressed });
  });

  it('measures a branch that misses a threshold itself, and compares with it', async () => {
    writeServer('before', ['--drop-every', '100']);
    expect(await runStep(MEASURE_BEFORE)).toMatchObject({ code: EXIT.ok });
    expect(existsSync(join(folder, 'base.json'))).toBe(true);
  });

  it('fails when the server does not start', async () => {
    writeFileSync(join(folder, 'server.js'), 'process.exit(1);\n');
    const script = readFileSync(join(folder, 'ci/under-load.sh'), 'utf8');
    writeFileSync(join(folder, 'ci/under-load.sh'), script.replace('{1..100}', '{1..3}'));
    expect(await runStep('bash ci/under-load.sh .')).toMatchObject({ code: EXIT.unreachable });
  });
});
