import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EXIT } from '../../src/commands/exit/exit-codes.js';
import { startTestBroker } from '../support/broker.js';
import { describeWithPhp } from '../support/php.js';
import { environment } from '../support/wsn.js';

const PAGE = readFileSync('docs/testing.md', 'utf8');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** The scenario of the page, where it runs the whole suite: a minute is too long for a test. */
const SOME = ' scenarios/channels/one-channel.yaml';

/** A server that makes two mistakes of which the page tells. */
const SERVER = `process.argv.push('--break', 'set-appends', '--break', 'handshake-version');
await import(${JSON.stringify(resolve('test/broken/reference.mjs'))});\n`;

/** A back-end's code that publishes; its first argument is the broker. */
const STORE_MESSAGE = `<?php
require 'Notifier.php';
(new Wsn\\Notifier($argv[1]))->notify([
    'package' => 'amaiia_msg_srv',
    'page' => 'messages',
    'filters' => ['values' => '2'],
    'data' => ['messageId' => '12345', 'channelId' => '2'],
    'message' => 'Nouveau message reçu',
]);\n`;

interface Block {
  readonly language: string;
  readonly text: string;
  /** The file that the paragraph before it says it is. */
  readonly file: string | undefined;
}

/** What a user has: a folder with a server, and `wsn` installed from what `npm pack` makes. */
let folder: string;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'wsn-testing-'));
  folder = join(home, 'project');
  mkdirSync(folder);
  await install();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'server.js'), SERVER);
  writeFileSync(join(folder, 'store-message.php'), STORE_MESSAGE);
  for (const name of ['Notifier', 'NotifierException', 'EphemeralSocket']) cpSync(`examples/php/${name}.php`, join(folder, `${name}.php`));
  cpSync('test/interop/php', folder, { recursive: true });
  for (const { file, text } of blocks()) if (file !== undefined) write(file, text);
  await shell(only('sh', 'npm root --global'));
}, 60_000);

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Installs the package as `npm install --global` does, with the dependencies of this checkout: no registry is asked. */
async function install(): Promise<void> {
  const installed = join(home, 'prefix/lib/node_modules/wsn');
  mkdirSync(installed, { recursive: true });
  mkdirSync(join(home, 'prefix/bin'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', home], process.cwd());
  await run('tar', ['-xzf', join(home, `wsn-${version}.tgz`), '--strip-components=1', '-C', installed], home);
  symlinkSync(resolve('node_modules'), join(installed, 'node_modules'));
  symlinkSync(join(installed, 'dist/bin/wsn.js'), join(home, 'prefix/bin/wsn'));
  await run('chmod', ['+x', join(installed, 'dist/bin/wsn.js')], home);
}

function blocks(): readonly Block[] {
  return [...PAGE.matchAll(/([^\n]*(?:\n[^\n]+)*)\n\n```(\w*)\n(.*?)^```$/gms)].map(([, before = '', language = '', text = '']) => ({
    language,
    text,
    file: /(?:Save this as|here) `([^`]+)`/.exec(before)?.[1],
  }));
}

/** The one block of a language that has `part` in it. */
function only(language: string, part: string): string {
  const found = blocks().filter((block) => block.language === language && block.text.includes(part));
  expect(found).toHaveLength(1);
  return found[0]?.text ?? '';
}

function write(file: string, text: string): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(program: string, args: readonly string[], cwd: string) {
  const path = [join(home, 'prefix/bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = environment({ PATH: path, npm_config_prefix: join(home, 'prefix') });
  return promisify(execFile)(program, args, { cwd, env, timeout: 60_000 });
}

/** Runs commands in the user's folder as a CI system does. Rejects when one fails. */
function shell(commands: string) {
  return run('bash', ['-e', '-o', 'pipefail', '-c', commands], folder);
}

/** The same for commands that may fail: what they end with, and all that they have said. */
async function outcome(commands: string): Promise<{ readonly code: number; readonly text: string }> {
  try {
    return { code: 0, text: (await shell(commands)).stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

/** The command of a transcript of the page, and the lines that it shows. */
function transcript(part: string): { readonly command: string; readonly shown: string } {
  const [first = '', ...shown] = only('', part).split('\n');
  expect(first).toMatch(/^\$ /);
  return { command: first.slice(2), shown: shown.join('\n') };
}

/** What is another one in each run. */
function steady(text: string): string {
  return text
    .replace(/\S+\/wsn\/scenarios\//g, 'suite/')
    .replace(/wt-[0-9a-f]{9}/g, 'wt-…')
    .replace(/"(wsn-test|epoch)":"[^"]+"/g, '"$1":"…"')
    .replace(/(ready) [0-9a-f]{12}/g, '$1 …')
    .replace(/\(seed \d+\)|\d+\.\d s\b/g, '…')
    .replace(/^ +\d+\.\d (?=[→←·])(.{60}).*/gm, '  $1') // how much of it there is room for depends on the width of the times
    .replace(/^ +\d+\.\d (?=[→←·])/gm, '  ');
}

/** Wire events are in another order when the machine is busy, so they are compared one by one. */
const WIRE = /^ {2}[→←·].*\n/gm;

/** Whether the lines that are shown are there in their order; a line `…` stands for any lines. */
function expectShown(actual: string, shown: string): void {
  for (const [event] of steady(shown).matchAll(WIRE)) expect(steady(actual)).toContain(event);
  const parts = steady(shown).replace(WIRE, '').split(/^…\n/m);
  let rest = steady(actual).replace(WIRE, '');
  for (const part of parts) {
    expect(rest).toContain(part);
    rest = rest.slice(rest.indexOf(part) + part.length);
  }
}

async function freePort(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}

interface Workflow {
  readonly on: readonly string[];
  readonly jobs: Record<
    string,
    { readonly 'runs-on': string; readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }
  >;
}

/** The steps of the workflow, of all jobs. */
function steps() {
  const { jobs } = parse(only('yaml', 'runs-on')) as Workflow;
  return Object.values(jobs).flatMap((job) => job.steps);
}

describe('docs/testing.md', () => {
  it('installs the version that there is', () => {
    expect(new Set(PAGE.match(/wsn-[\d.]+\.tgz/g))).toEqual(new Set([`wsn-${version}.tgz`]));
  });

  it('points to files that exist', () => {
    const targets = [...PAGE.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => join('docs', target as string));
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });

  it.each(["wsn test --server 'node server.js {port}'\n", '{options}', '--target base'])(
    'tests a server that the harness starts: %s',
    async (part) => {
      const command = only('sh', part).split('\n')[0] as string;
      await shell(command.replace('--port={port}', '{port}') + SOME);
    },
  );

  it('tests a server that runs', async () => {
    await using broker = await startTestBroker();
    await shell(only('sh', 'wsn test --url').trim().replace('ws://127.0.0.1:8000', broker.url) + SOME);
  });

  it.each(['base/a-set-replaces-the-one-before', 'ci/my-server.yaml', 'wsn test scenarios/ --server', 'expext'])(
    'shows what a user sees: %s',
    async (part) => {
      const { command, shown } = transcript(part);
      const file = join(folder, 'scenarios/channels/one-channel.yaml');
      const right = readFileSync(file, 'utf8');
      if (part === 'expext') writeFileSync(file, right.replace('expect: { client: bob', 'expext: { client: bob'));
      const { code, text } = await outcome(command);
      writeFileSync(file, right);
      expectShown(text, shown);
      expect(code).toBe(shown.includes('nothing was run') ? EXIT.usage : shown.includes(' failed in ') ? EXIT.failed : EXIT.ok);
    },
  );

  it('has options for reports, repeats and comparing that work', async () => {
    await using broker = await startTestBroker();
    const commands = only('sh', '--junit reports') + only('sh', '--against').replace('ws://127.0.0.1:8000', broker.url);
    await Promise.all(commands.trim().split('\n').map(shell));
    expect(readFileSync(join(folder, 'reports/server.xml'), 'utf8')).toContain('tests="1" failures="0"');
    expect(readFileSync(join(folder, 'reports/server.html'), 'utf8')).toContain('channels/one-channel');
  });

  it('has a first scenario that is an example to copy', () => {
    const example = readFileSync('examples/scenarios/channels/one-channel.yaml', 'utf8');
    expect(only('yaml', 'channels/one-channel')).toBe(example.replace('../../../scenarios/', '../'));
  });

  it('has a workflow whose actions and steps are of the kind that GitHub runs', () => {
    const workflow = parse(only('yaml', 'runs-on')) as Workflow;
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'jobs']);
    expect(Object.values(workflow.jobs).map((job) => job['runs-on'])).toEqual(['ubuntu-latest', 'ubuntu-latest']);
    for (const { uses, run: command } of steps())
      expect(uses === undefined ? command : uses).toMatch(uses === undefined ? /\S/ : /^actions\/[a-z-]+@v\d+$/);
  });

  it('tests the examples, too', async () => {
    await shell(`wsn test ${resolve('examples/scenarios')}`);
  });

  it('records and plays back what an application does', async () => {
    await using broker = await startTestBroker();
    const port = await freePort();
    const [record, play] = [only('sh', 'wsn record'), only('sh', 'wsn test scenarios/channels/stored')].map((text) => text.trim());
    const recording = record?.replace('ws://127.0.0.1:8000', broker.url).replace('8001', port);
    const notify = `wsn notify --url ws://127.0.0.1:${port} --package p --values 2 --message hello`;
    const until = 'for _ in {1..100}; do (exec 3<>/dev/tcp/127.0.0.1/PORT) 2>/dev/null && break; sleep 0.1; done'.replace('PORT', port);
    await shell(`${recording} & ${until}\n${notify}\nkill -TERM $!; wait $!\n${play}\nrm scenarios/channels/stored-message.yaml`);
  });
});

describeWithPhp('docs/testing.md with PHP', () => {
  it('tests the PHP server with what it is known to do differently', async () => {
    const command = only('sh', '--target php').split('\n')[1] as string;
    await shell(command + SOME);
  });

  it('tests a publisher, and shows what a user sees', async () => {
    const { command, shown } = transcript('bash ci/publisher.sh');
    const port = await freePort();
    write('ci/publisher.sh', only('bash', 'wsn subscribe').replaceAll('8000', port));
    expectShown((await shell(command)).stdout, shown);
    write(
      'ci/publisher.sh',
      only('bash', 'wsn subscribe').replaceAll('8000', port).replace('messageId=12345', 'messageId=1').replace('30s', '1s'),
    );
    expect((await outcome(command)).code).toBe(EXIT.timeout);
  });

  it('has a workflow whose commands work when pasted', async () => {
    const port = await freePort();
    write('ci/publisher.sh', only('bash', 'wsn subscribe').replaceAll('8000', port));
    const commands = steps().flatMap(({ run: command }) => (command === undefined ? [] : [command]));
    const [install, test, again, publisher] = commands;
    expect(commands).toEqual([`npm install --global ./ci/wsn-${version}.tgz`, test, install, publisher]);
    expect(again).toBe(install);
    await shell(`${test}${SOME}`);
    await shell(publisher as string);
    expect(readFileSync(join(folder, 'reports/server.xml'), 'utf8')).toContain('channels/one-channel');
  });
});
