import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../src/bench/gate/metrics.js';
import { DEFAULT_LIMITS, HOSTILE_KINDS } from '../../src/bench/load/load.js';
import { completeProfile } from '../../src/bench/profile/complete-profile.js';
import { readProfile } from '../../src/bench/profile/read-profile.js';
import { PERCENTILES } from '../../src/bench/result/result.js';
import { benchCommand } from '../../src/commands/bench.js';
import { EXIT } from '../../src/commands/exit/exit-codes.js';
import { startTestBroker } from '../support/broker.js';
import { runWsn } from '../support/wsn.js';

const PAGE = readFileSync('docs/bench.md', 'utf8');

/** A load that takes a moment, on a generator that nothing makes invalid. */
const TINY = [
  ...['--subscribers', '4', '--channels', '2', '--rate', '50', '--duration', '100ms', '--warm-up', '0ms', '--drain', '200ms'],
  ...['--limit', 'lateShare=100%,loopDelay=1m,busyShare=100%,cpuShare=100%,gcPause=1m,backlog=1m'],
];

/** The rows of the table whose head begins with `head`: their cells without code marks. */
function table(head: string): readonly (readonly string[])[] {
  const start = PAGE.indexOf(`| ${head} |`);
  expect(start).toBeGreaterThan(0);
  const rows = (PAGE.slice(start).split('\n\n')[0] as string).split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language).map(([, , text]) => text as string);
}

const EXAMPLE = blocks('yaml')[0] as string;

/** Members whose own members have no option each. */
const WHOLE = ['arrivals', 'hostile', 'limits', 'spread'];

/** The paths of all members that an option may stand for. */
function pathsOf(value: object, before = ''): readonly string[] {
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member === 'object' && member !== null && !Array.isArray(member) && !WHOLE.includes(name)
      ? pathsOf(member, `${before}${name}.`)
      : [`${before}${name}`],
  );
}

function readLoad(text: string) {
  const { part, errors } = readProfile({ path: 'load.yaml', text });
  if (part === undefined || errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return part;
}

describe('docs/bench.md', () => {
  const { options } = benchCommand();

  it('has a row for each option of the command, in its order where both have one', () => {
    expect(
      table('option')
        .map(([option]) => option)
        .toSorted(),
    ).toEqual(options.map(({ long }) => long).toSorted());
  });

  it('has the defaults that the help of the command tells', () => {
    const told = options.flatMap(({ long, description }) => {
      const text = /\(default: (.*?)\)/.exec(description)?.[1];
      return text === undefined ? [] : [[long, text]];
    });
    const shown = new Map(table('option').map(([option, , , usual]) => [option, usual]));
    for (const [option, text] of told) expect([option, shown.get(option as string)]).toEqual([option, text?.replaceAll('`', '')]);
  });

  it('has a file with every member that its table names, and no other', () => {
    const named = table('option').flatMap(([, member]) => (member === '' || member === 'in arrivals' ? [] : [member as string]));
    expect(pathsOf(parse(EXAMPLE)).toSorted()).toEqual(named.toSorted());
  });

  it('has a file that makes a load', () => {
    const { load, thresholds } = completeProfile([readLoad(EXAMPLE)], 4);
    expect(load).toMatchObject({ subscribers: 1000, spread: { kind: 'zipf', exponent: 1.1 }, phases: { holdMs: 10_000 } });
    expect(thresholds).toHaveLength(2);
  });

  it('names every limit with its default, every hostile reader and every statistic', () => {
    const limits = completeProfile([readLoad(EXAMPLE)], 4).limits;
    expect(limits).toEqual(DEFAULT_LIMITS);
    const shown = table('limit').map(([name, bound]) => [name, bound]);
    const text = `limits: {${shown.map(([name, bound]) => `${name}: ${bound}`).join(', ')}}`;
    expect(completeProfile([readLoad(text)], 4).limits).toEqual(DEFAULT_LIMITS);
    expect(shown).toHaveLength(Object.keys(DEFAULT_LIMITS).length);
    expect(table('kind').map(([kind]) => kind)).toEqual(HOSTILE_KINDS);
    for (const name of ['min', 'mean', ...Object.keys(PERCENTILES), 'max']) expect(PAGE).toContain(`\`${name}\``);
  });

  it('names every metric', () => {
    const named = table('metric').flatMap(([names = '']) => names.split(', ').map((name) => name.replace(/\.p99$/, '')));
    const known = METRICS.map(({ name }) => name.replace(/\.(min|mean|max|p\d+)$/, ''));
    expect([...new Set(named)].toSorted()).toEqual([...new Set(known)].toSorted());
  });

  it('has the exit codes of the command', () => {
    const { ok, usage, unreachable, threshold, regressed, invalid, interrupted } = EXIT;
    const codes = [ok, usage, unreachable, threshold, regressed, invalid, interrupted];
    expect(table('exit code').map(([code]) => code)).toEqual(codes.map(String));
  });

  it('points to files that exist', () => {
    const targets = [...PAGE.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => join('docs', target as string));
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });

  it('says what autocannon makes of the latencies that it corrects', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      request.resume();
      setTimeout(() => response.end(), ++requests % 10 === 0 ? 100 : 1);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const load = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: 1, overallRate: 10, duration: 2 };
    const corrected = await autocannon(load);
    requests = 0;
    const measured = await autocannon({ ...load, ignoreCoordinatedOmission: true });
    await new Promise((resolve) => server.close(resolve));
    expect(corrected.latency.p50).toBeGreaterThan(30);
    expect(corrected.latency.p50).toBeGreaterThan(measured.latency.p50);
    expect(readFileSync('node_modules/autocannon/lib/run.js', 'utf8')).toContain(
      'recordValueWithExpectedInterval(responseTime, Math.ceil(1 / rate))',
    );
    expect(JSON.parse(readFileSync('node_modules/autocannon/package.json', 'utf8')).version).toBe(
      /of\s+version\s+(\S+)\s+calls/.exec(PAGE)?.[1],
    );
  });
});

/** The same fault within the hold of a tiny load. */
function inTinyHold(arg: string): string {
  return arg.replace(/\b(at|every)=\d+s/, 'at=20ms').replace(/\bfor=\d+s/, 'for=20ms');
}

describe('a command of docs/bench.md, with a tiny load', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsn-bench-md-'));
    writeFileSync(join(folder, 'load.yaml'), 'subscribers: 4\nchannels: 2\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const commands = blocks('sh').flatMap((text) => text.trim().split('\n'));

  // A missed threshold or a regression is no mistake of the command: a tiny load has too few deliveries for a percentile.
  it.each(commands)('%s', async (command) => {
    await using broker = await startTestBroker();
    const [name, sub, ...args] = [...command.replace(/ > \S+$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
    expect([name, sub]).toEqual(['wsn', 'bench']);
    const given = args.map((arg) => (arg === 'ws://127.0.0.1:8000' ? broker.url : inTinyHold(arg as string)));
    const { code, stdout, stderr } = await runWsn(['bench', ...given, ...TINY], { cwd: folder });
    expect([EXIT.ok, EXIT.threshold, EXIT.regressed], stdout + stderr).toContain(code);
    for (const arg of given.filter((arg) => /^\w+\.(json|xml|md|html)$/.test(arg))) expect(existsSync(join(folder, arg))).toBe(true);
    if (command.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ format: 'wsn-bench/1' });
  });
});
